/*
 * Strict parser of the gate's HTTP response: one framing, one length, nothing
 * before and nothing behind.
 */
#include "response.h"

#include <string.h>
#include <strings.h>

/* The status of "HTTP/1.1 200 OK"; -1 if the line is none. RFC 9112 section 4. */
static int
parse_status_line(const char *line, size_t length)
{
	static const char version[] = "HTTP/1.1 ";
	size_t		skip = sizeof(version) - 1;
	int			status = 0;

	if (length < skip + 3 || memcmp(line, version, skip) != 0)
		return -1;
	if (length > skip + 3 && line[skip + 3] != ' ')
		return -1;
	for (size_t i = skip; i < skip + 3; i++)
	{
		if (line[i] < '0' || line[i] > '9')
			return -1;
		status = status * 10 + (line[i] - '0');
	}
	return status;
}

/* Digits only, at most RESPONSE_MAX_BYTES; -1 if it is not. RFC 9110 section 8.6. */
static long
parse_content_length(const char *value, size_t length)
{
	long		bytes = 0;

	if (length == 0)
		return -1;
	for (size_t i = 0; i < length; i++)
	{
		if (value[i] < '0' || value[i] > '9')
			return -1;
		bytes = bytes * 10 + (value[i] - '0');
		if (bytes > RESPONSE_MAX_BYTES)
			return -1;
	}
	return bytes;
}

static bool
name_is(const char *name, size_t length, const char *expected)
{
	return length == strlen(expected) && strncasecmp(name, expected, length) == 0;
}

/*
 * The length of the body by the headers between at and end, which hold whole
 * lines; -1 unless exactly one Content-Length and no other framing stands there.
 */
static long
parse_headers(const char *at, const char *end)
{
	long		content_length = -1;

	while (at < end)
	{
		const char *line_end = memchr(at, '\r', (size_t) (end - at));
		const char *colon;
		const char *value;
		const char *value_end;

		if (line_end == NULL || line_end + 1 >= end || line_end[1] != '\n')
			return -1;
		colon = memchr(at, ':', (size_t) (line_end - at));
		if (colon == NULL || colon == at)
			return -1;
		value = colon + 1;
		value_end = line_end;
		while (value < value_end && (*value == ' ' || *value == '\t'))
			value++;
		while (value_end > value && (value_end[-1] == ' ' || value_end[-1] == '\t'))
			value_end--;

		if (name_is(at, (size_t) (colon - at), "Transfer-Encoding"))
			return -1;
		if (name_is(at, (size_t) (colon - at), "Content-Length"))
		{
			if (content_length >= 0)
				return -1;
			content_length = parse_content_length(value, (size_t) (value_end - value));
			if (content_length < 0)
				return -1;
		}
		at = line_end + 2;
	}
	return content_length;
}

/* The first "\r\n\r\n", or NULL. */
static const char *
find_header_end(const char *data, size_t length)
{
	for (size_t i = 0; i + 4 <= length; i++)
		if (memcmp(data + i, "\r\n\r\n", 4) == 0)
			return data + i;
	return NULL;
}

ResponseState
response_parse(const char *data, size_t length, bool eof, int *status, Verdict *verdict)
{
	ResponseState unfinished = eof ? RESPONSE_MALFORMED : RESPONSE_INCOMPLETE;
	const char *header_end = find_header_end(data, length);
	const char *line_end;
	const char *body;
	size_t		body_length;
	long		content_length;

	*status = 0;
	if (length >= RESPONSE_MAX_BYTES)
		return RESPONSE_MALFORMED;
	if (header_end == NULL)
		return unfinished;

	line_end = memchr(data, '\r', (size_t) (header_end - data) + 1);
	*status = parse_status_line(data, (size_t) (line_end - data));
	if (*status < 0)
		return RESPONSE_MALFORMED;
	/* The last header line keeps its line end; header_end is where that stands. */
	content_length = line_end == header_end ? -1 : parse_headers(line_end + 2, header_end + 2);
	if (content_length < 0)
		return RESPONSE_MALFORMED;

	body = header_end + 4;
	body_length = length - (size_t) (body - data);
	if (body_length < (size_t) content_length)
		return unfinished;
	if (body_length > (size_t) content_length)
		return RESPONSE_MALFORMED;	/* a second response: whose answer is which? */
	if (*status != 200)
		return RESPONSE_NOT_OK;
	return verdict_parse(body, body_length, verdict) ? RESPONSE_COMPLETE : RESPONSE_MALFORMED;
}
