/*
 * A call to the gate over its Unix socket.
 */
#ifndef SIXTYBITS_CLIENT_H
#define SIXTYBITS_CLIENT_H

#include "postgres.h"

#include "request.h"
#include "response.h"

typedef enum CallResult
{
	CALL_ANSWERED,				/* the verdict is whole */
	CALL_NO_SOCKET,				/* error_number says why */
	CALL_NO_DESCRIPTOR,			/* the backend has no file descriptor left */
	CALL_BROKEN,				/* error_number says why */
	CALL_CLOSED,				/* the gate closed without an answer */
	CALL_TIMED_OUT,
	CALL_NOT_OK,				/* status says which HTTP status */
	CALL_MALFORMED
} CallResult;

/*
 * Of a call in progress. Must not live on the stack: it is read again after
 * an error has unwound it.
 */
typedef struct Call
{
	pgsocket	sock;			/* PGINVALID_SOCKET if none is open */
	bool		reserved;		/* a descriptor is reserved with fd.c */
	int			error_number;
	int			status;
	Verdict		verdict;
	size_t		received;
	char		response[RESPONSE_MAX_BYTES];
} Call;

extern Call *call_create(void);

/*
 * Sends the request and waits for the verdict, timeout_ms at most in all.
 * Raises only what CHECK_FOR_INTERRUPTS raises.
 */
extern CallResult call_gate(Call *call, const char *socket_path, int timeout_ms, const Request *request);

/* Closes, overwrites and frees. For the end of every call, failed ones too. */
extern void call_finish(Call *call);

#endif
