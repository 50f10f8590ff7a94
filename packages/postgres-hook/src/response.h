/*
 * The gate's answer: an HTTP/1.1 response whose body is one flat JSON object.
 *
 * Needs nothing of PostgreSQL, so that it can be fuzzed apart from a server.
 */
#ifndef SIXTYBITS_RESPONSE_H
#define SIXTYBITS_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

/* An answer may be this long in all, status line and headers included. */
#define RESPONSE_MAX_BYTES (64 * 1024)

/* Longer texts are cut: they end in a log line and on a terminal. */
#define VERDICT_TEXT_BYTES 1024

typedef enum ResponseState
{
	RESPONSE_INCOMPLETE,		/* a prefix of a good answer: read on */
	RESPONSE_COMPLETE,			/* status 200 and a verdict */
	RESPONSE_NOT_OK,			/* whole, but another status: status is set */
	RESPONSE_MALFORMED			/* no answer of the gate's */
} ResponseState;

typedef struct Verdict
{
	int			status;			/* HTTP status, once its line was read */
	bool		accept;
	bool		has_detail;
	bool		has_hint;
	char		message[VERDICT_TEXT_BYTES];
	char		detail[VERDICT_TEXT_BYTES];
	char		hint[VERDICT_TEXT_BYTES];
} Verdict;

/*
 * Parses what has arrived so far. eof: the gate has closed, nothing follows.
 *
 * Texts come out as valid UTF-8 without control characters. *verdict is
 * defined only as far as the state that is returned says.
 */
extern ResponseState response_parse(const char *data, size_t length, bool eof,
									Verdict *verdict);

#endif
