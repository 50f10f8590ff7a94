/*
 * The gate's answer: an HTTP/1.1 response with a verdict for a body.
 *
 * Needs nothing of PostgreSQL, so that it can be fuzzed apart from a server.
 */
#ifndef SIXTYBITS_RESPONSE_H
#define SIXTYBITS_RESPONSE_H

#include "verdict.h"

/* An answer may be this long in all, status line and headers included. */
#define RESPONSE_MAX_BYTES (64 * 1024)

typedef enum ResponseState
{
	RESPONSE_INCOMPLETE,		/* a prefix of a good answer: read on */
	RESPONSE_COMPLETE,			/* status 200 and a verdict */
	RESPONSE_NOT_OK,			/* whole, but with another status */
	RESPONSE_MALFORMED			/* no answer of the gate's */
} ResponseState;

/*
 * Parses what has arrived so far. eof: the gate has closed, nothing follows.
 * *status is the HTTP status if RESPONSE_NOT_OK, *verdict the verdict if
 * RESPONSE_COMPLETE; else neither is of use.
 */
extern ResponseState response_parse(const char *data, size_t length, bool eof,
									int *status, Verdict *verdict);

#endif
