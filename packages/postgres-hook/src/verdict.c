/*
 * Strict parser of the verdict. Whatever is not exactly what the gate sends is
 * no verdict, and without one no password is accepted.
 */
#include "verdict.h"

#include <stdint.h>
#include <string.h>

typedef struct Cursor
{
	const char *at;
	const char *end;
} Cursor;

/* RFC 8259 section 2 */
static void
skip_space(Cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
		c->at++;
}

static bool
take(Cursor *c, char expected)
{
	skip_space(c);
	if (c->at == c->end || *c->at != expected)
		return false;
	c->at++;
	return true;
}

static bool
take_literal(Cursor *c, const char *literal)
{
	size_t		length = strlen(literal);

	skip_space(c);
	if ((size_t) (c->end - c->at) < length || memcmp(c->at, literal, length) != 0)
		return false;
	c->at += length;
	return true;
}

/* Four hex digits; -1 if they are not. */
static int
take_hex4(Cursor *c)
{
	int			value = 0;

	if (c->end - c->at < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		char		digit = *c->at++;

		if (digit >= '0' && digit <= '9')
			value = value * 16 + (digit - '0');
		else if (digit >= 'a' && digit <= 'f')
			value = value * 16 + (digit - 'a' + 10);
		else if (digit >= 'A' && digit <= 'F')
			value = value * 16 + (digit - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/* The code point of a \u escape, surrogate pairs joined; -1 if it is none. */
static int32_t
take_unicode_escape(Cursor *c)
{
	int			high = take_hex4(c);
	int			low;

	if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF))
		return -1;
	if (high < 0xD800 || high > 0xDBFF)
		return high;
	if (c->end - c->at < 2 || c->at[0] != '\\' || c->at[1] != 'u')
		return -1;
	c->at += 2;
	low = take_hex4(c);
	if (low < 0xDC00 || low > 0xDFFF)
		return -1;
	return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* The code point of the UTF-8 sequence at the cursor (RFC 3629); -1 if it is none. */
static int32_t
take_utf8(Cursor *c)
{
	unsigned char first = (unsigned char) *c->at++;
	int32_t		code_point;
	int32_t		least;
	int			more;

	if (first < 0x80)
		return first;
	if (first >= 0xC2 && first <= 0xDF)
		code_point = first & 0x1F, more = 1, least = 0x80;
	else if (first >= 0xE0 && first <= 0xEF)
		code_point = first & 0x0F, more = 2, least = 0x800;
	else if (first >= 0xF0 && first <= 0xF4)
		code_point = first & 0x07, more = 3, least = 0x10000;
	else
		return -1;

	for (; more > 0; more--)
	{
		if (c->at == c->end || ((unsigned char) *c->at & 0xC0) != 0x80)
			return -1;
		code_point = (code_point << 6) | ((unsigned char) *c->at++ & 0x3F);
	}
	if (code_point < least || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
		return -1;
	return code_point;
}

/*
 * Appends a code point in UTF-8, or nothing once it would not fit: then
 * *used becomes size, so that nothing shorter slips in behind it.
 *
 * Control characters become spaces: the text goes to logs and terminals.
 */
static void
append_code_point(char *out, size_t size, size_t *used, int32_t cp)
{
	unsigned char bytes[4];
	size_t		length;

	if (cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) || cp == 0x2028 || cp == 0x2029)
		cp = ' ';
	if (cp < 0x80)
	{
		bytes[0] = (unsigned char) cp;
		length = 1;
	}
	else if (cp < 0x800)
	{
		bytes[0] = (unsigned char) (0xC0 | (cp >> 6));
		bytes[1] = (unsigned char) (0x80 | (cp & 0x3F));
		length = 2;
	}
	else if (cp < 0x10000)
	{
		bytes[0] = (unsigned char) (0xE0 | (cp >> 12));
		bytes[1] = (unsigned char) (0x80 | ((cp >> 6) & 0x3F));
		bytes[2] = (unsigned char) (0x80 | (cp & 0x3F));
		length = 3;
	}
	else
	{
		bytes[0] = (unsigned char) (0xF0 | (cp >> 18));
		bytes[1] = (unsigned char) (0x80 | ((cp >> 12) & 0x3F));
		bytes[2] = (unsigned char) (0x80 | ((cp >> 6) & 0x3F));
		bytes[3] = (unsigned char) (0x80 | (cp & 0x3F));
		length = 4;
	}

	if (*used + length >= size)
	{
		*used = size;
		return;
	}
	memcpy(out + *used, bytes, length);
	*used += length;
	out[*used] = '\0';
}

/* A JSON string into out, cut to size, always terminated. False if it is none. */
static bool
take_string(Cursor *c, char *out, size_t size)
{
	size_t		used = 0;

	out[0] = '\0';
	if (!take(c, '"'))
		return false;
	while (c->at < c->end)
	{
		int32_t		cp;

		if (*c->at == '"')
		{
			c->at++;
			return true;
		}
		if ((unsigned char) *c->at < 0x20)
			return false;
		if (*c->at == '\\')
		{
			c->at++;
			if (c->at == c->end)
				return false;
			switch (*c->at++)
			{
				case '"':
					cp = '"';
					break;
				case '\\':
					cp = '\\';
					break;
				case '/':
					cp = '/';
					break;
				case 'b':
				case 'f':
				case 'n':
				case 'r':
				case 't':
					cp = ' ';
					break;
				case 'u':
					cp = take_unicode_escape(c);
					break;
				default:
					return false;
			}
		}
		else
			cp = take_utf8(c);

		if (cp < 0)
			return false;
		append_code_point(out, size, &used, cp);
	}
	return false;
}

static bool
is_digit(const Cursor *c)
{
	return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static bool
skip_digits(Cursor *c)
{
	if (!is_digit(c))
		return false;
	while (is_digit(c))
		c->at++;
	return true;
}

/* RFC 8259 section 6. The value is of no use here: the verdict is the gate's. */
static bool
skip_number(Cursor *c)
{
	skip_space(c);
	if (c->at < c->end && *c->at == '-')
		c->at++;
	if (c->at < c->end && *c->at == '0')
		c->at++;
	else if (!skip_digits(c))
		return false;
	if (c->at < c->end && *c->at == '.')
	{
		c->at++;
		if (!skip_digits(c))
			return false;
	}
	if (c->at < c->end && (*c->at == 'e' || *c->at == 'E'))
	{
		c->at++;
		if (c->at < c->end && (*c->at == '+' || *c->at == '-'))
			c->at++;
		if (!skip_digits(c))
			return false;
	}
	return true;
}

/* Any scalar. An object or an array is none: a verdict is flat. */
static bool
skip_scalar(Cursor *c)
{
	char		ignored[VERDICT_TEXT_BYTES];

	skip_space(c);
	if (c->at < c->end && *c->at == '"')
		return take_string(c, ignored, sizeof(ignored));
	return take_literal(c, "null") || take_literal(c, "true") || take_literal(c, "false") || skip_number(c);
}

/* A string or null. */
static bool
take_optional_string(Cursor *c, char *out, size_t size, bool *present)
{
	*present = !take_literal(c, "null");
	return !*present || take_string(c, out, size);
}

/* Each member that is used stands exactly once; others may follow from a newer gate. */
bool
verdict_parse(const char *body, size_t length, Verdict *verdict)
{
	enum
	{
		SEEN_VERDICT = 1,
		SEEN_MESSAGE = 2,
		SEEN_DETAIL = 4,
		SEEN_HINT = 8,
		SEEN_ALL = 15
	};
	Cursor		c = {body, body + length};
	int			seen = 0;

	memset(verdict, 0, sizeof(*verdict));
	if (!take(&c, '{'))
		return false;
	do
	{
		char		key[32];
		char		word[16];
		int			member = 0;
		bool		good;

		if (!take_string(&c, key, sizeof(key)) || !take(&c, ':'))
			return false;
		if (strcmp(key, "verdict") == 0)
		{
			member = SEEN_VERDICT;
			good = take_string(&c, word, sizeof(word)) &&
				(strcmp(word, "accept") == 0 || strcmp(word, "refuse") == 0);
			verdict->accept = good && strcmp(word, "accept") == 0;
		}
		else if (strcmp(key, "message") == 0)
		{
			member = SEEN_MESSAGE;
			good = take_string(&c, verdict->message, sizeof(verdict->message));
		}
		else if (strcmp(key, "detail") == 0)
		{
			member = SEEN_DETAIL;
			good = take_optional_string(&c, verdict->detail, sizeof(verdict->detail), &verdict->has_detail);
		}
		else if (strcmp(key, "hint") == 0)
		{
			member = SEEN_HINT;
			good = take_optional_string(&c, verdict->hint, sizeof(verdict->hint), &verdict->has_hint);
		}
		else
			good = skip_scalar(&c);

		if (!good || (seen & member) != 0)
			return false;
		seen |= member;
	} while (take(&c, ','));

	if (!take(&c, '}'))
		return false;
	skip_space(&c);
	return c.at == c.end && seen == SEEN_ALL;
}
