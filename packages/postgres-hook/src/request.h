/*
 * The request to the gate: DESIGN's wire, version 1.
 */
#ifndef SIXTYBITS_REQUEST_H
#define SIXTYBITS_REQUEST_H

#include "postgres.h"
#include "commands/user.h"

/* What the gate takes as a body. */
#define REQUEST_MAX_BODY_BYTES (64 * 1024)

typedef struct Request
{
	const char *data;			/* the HTTP request, within buffer */
	size_t		length;
	char	   *buffer;			/* palloc'd; holds the password */
	size_t		size;
} Request;

typedef enum RequestState
{
	REQUEST_BUILT,
	REQUEST_TOO_LONG,
	REQUEST_NOT_UTF8			/* the password or the role's name has no form in UTF-8 */
} RequestState;

extern RequestState request_build(Request *request, const char *cluster, const char *role,
								  const char *password, PasswordType password_type,
								  Datum valid_until, bool valid_until_null);

/* Overwrites and frees. Safe to call twice, and on a request never built. */
extern void request_wipe(Request *request);

#endif
