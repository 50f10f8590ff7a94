/*
 * The gate's verdict: one flat JSON object.
 *
 * Needs nothing of PostgreSQL, so that it can be fuzzed apart from a server.
 */
#ifndef SIXTYBITS_VERDICT_H
#define SIXTYBITS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

/* Longer texts are cut: they end in a log line and on a terminal. */
#define VERDICT_TEXT_BYTES 1024

typedef struct Verdict
{
	bool		accept;
	bool		has_detail;
	bool		has_hint;
	char		message[VERDICT_TEXT_BYTES];
	char		detail[VERDICT_TEXT_BYTES];
	char		hint[VERDICT_TEXT_BYTES];
} Verdict;

/*
 * Parses {"verdict": "accept" | "refuse", "message": ..., "detail": ...,
 * "hint": ...}. False if it is none; then *verdict is of no use.
 *
 * Texts come out as valid UTF-8 without control characters.
 */
extern bool verdict_parse(const char *body, size_t length, Verdict *verdict);

#endif
