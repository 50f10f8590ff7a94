/*
 * Builds the request in one buffer of fixed size: a buffer that grew would
 * leave copies of the password behind in freed memory.
 */
#include "request.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "common/string.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

/* Room for the request line and the headers before the body: they take 130 bytes. */
#define HEADER_ROOM 256

typedef struct Writer
{
	char	   *at;
	char	   *end;
	RequestState state;
} Writer;

static void
put_bytes(Writer *w, const char *bytes, size_t length)
{
	if ((size_t) (w->end - w->at) < length)
	{
		w->state = REQUEST_TOO_LONG;
		return;
	}
	memcpy(w->at, bytes, length);
	w->at += length;
}

static void
put(Writer *w, const char *text)
{
	put_bytes(w, text, strlen(text));
}

/* Text in UTF-8 as a JSON string. RFC 8259 section 7. */
static void
put_utf8_string(Writer *w, const char *text)
{
	put(w, "\"");
	for (; *text != '\0' && w->state == REQUEST_BUILT; text++)
	{
		unsigned char c = (unsigned char) *text;

		if (c == '"' || c == '\\')
		{
			put(w, "\\");
			put_bytes(w, text, 1);
		}
		else if (c < 0x20 || c == 0x7F)
		{
			char		escape[8];

			snprintf(escape, sizeof(escape), "\\u%04x", c);
			put(w, escape);
		}
		else
			put_bytes(w, text, 1);
	}
	put(w, "\"");
}

/*
 * Text of the server as a JSON string. False, and nothing put, if it has no
 * form in UTF-8. Core's own conversion would name the bytes that it cannot
 * convert in its error: here they are part of a password.
 */
static bool
put_converted(Writer *w, const char *text)
{
	int			encoding = GetDatabaseEncoding();
	size_t		length = strlen(text);
	Oid			conversion;
	size_t		utf8_size;
	char	   *utf8;
	bool		good;

	/* What cannot fit is not worth converting. */
	if (length > REQUEST_MAX_BODY_BYTES)
	{
		w->state = REQUEST_TOO_LONG;
		return true;
	}
	/* Every server encoding has ASCII in common; in an SQL_ASCII database any other bytes may come. */
	if (pg_is_ascii(text) || encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
	{
		if (!pg_verify_mbstr(PG_UTF8, text, (int) length, true))
			return false;
		put_utf8_string(w, text);
		return true;
	}
	conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	if (!OidIsValid(conversion))
		return false;
	utf8_size = length * MAX_CONVERSION_GROWTH + 1;
	utf8 = palloc(utf8_size);
	good = pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8, (unsigned char *) unconstify(char *, text),
										 (int) length, (unsigned char *) utf8, (int) utf8_size, true) == (int) length;
	if (good)
		put_utf8_string(w, utf8);
	explicit_bzero(utf8, utf8_size);
	pfree(utf8);
	return good;
}

/* The password, or the name of its role: refused if it cannot be told exactly. */
static void
put_string(Writer *w, const char *text)
{
	if (!put_converted(w, text))
		w->state = REQUEST_NOT_UTF8;
}

/*
 * Another name. It may have been made in a database of another encoding, and
 * nobody's password depends on it: what cannot be told of it becomes '?'.
 */
static void
put_name(Writer *w, const char *name)
{
	char	   *legible;

	if (put_converted(w, name))
		return;
	legible = pstrdup(name);
	for (char *at = legible; *at != '\0'; at++)
		if (IS_HIGHBIT_SET(*at))
			*at = '?';
	put_utf8_string(w, legible);
	pfree(legible);
}

static void
put_boolean(Writer *w, bool value)
{
	put(w, value ? "true" : "false");
}

/*
 * VALID UNTIL as RFC 3339 in UTC. That ends with the year 9999: what lies
 * outside of its years is as good as infinite.
 */
static void
put_timestamp(Writer *w, Datum value, bool is_null)
{
	TimestampTz timestamp;
	struct pg_tm tm;
	fsec_t		microseconds;
	char		text[40];

	if (is_null)
	{
		put(w, "null");
		return;
	}
	timestamp = DatumGetTimestampTz(value);
	if (TIMESTAMP_IS_NOBEGIN(timestamp))
	{
		put(w, "\"-infinity\"");
		return;
	}
	if (TIMESTAMP_IS_NOEND(timestamp) ||
		timestamp2tm(timestamp, NULL, &tm, &microseconds, NULL, NULL) != 0 ||
		tm.tm_year > 9999)
	{
		put(w, "\"infinity\"");
		return;
	}
	if (tm.tm_year < 1)
	{
		put(w, "\"-infinity\"");
		return;
	}
	snprintf(text, sizeof(text), "\"%04d-%02d-%02dT%02d:%02d:%02dZ\"",
			 tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	put(w, text);
}

/*
 * The client's address, or null on a Unix socket. MyProcPort would tell too,
 * but its header needs those of GSSAPI, which a build machine may lack.
 */
static void
put_client_address(Writer *w)
{
	LOCAL_FCINFO(fcinfo, 0);
	Datum		address;
	char	   *text;

	InitFunctionCallInfoData(*fcinfo, NULL, 0, InvalidOid, NULL, NULL);
	address = inet_client_addr(fcinfo);
	if (fcinfo->isnull)
	{
		put(w, "null");
		return;
	}
	text = DatumGetCString(DirectFunctionCall1(inet_out, address));
	put_utf8_string(w, text);
	pfree(text);
}

static void
put_user_name(Writer *w, Oid user)
{
	char	   *name = GetUserNameFromId(user, true);

	put_name(w, name != NULL ? name : "");
}

/* Does the role exist, and does it have this very verifier already? */
static bool
find_role(const char *role, const char *verifier, bool *unchanged)
{
	HeapTuple	tuple = SearchSysCache1(AUTHNAME, CStringGetDatum(role));
	Datum		stored;
	bool		is_null;

	*unchanged = false;
	if (!HeapTupleIsValid(tuple))
		return false;
	stored = SysCacheGetAttr(AUTHNAME, tuple, Anum_pg_authid_rolpassword, &is_null);
	if (!is_null && verifier != NULL)
	{
		char	   *current = TextDatumGetCString(stored);

		*unchanged = strcmp(current, verifier) == 0;
		explicit_bzero(current, strlen(current));
		pfree(current);
	}
	ReleaseSysCache(tuple);
	return true;
}

static const char *
password_type_name(PasswordType type)
{
	switch (type)
	{
		case PASSWORD_TYPE_MD5:
			return "md5";
		case PASSWORD_TYPE_SCRAM_SHA_256:
			return "scram-sha-256";
		case PASSWORD_TYPE_PLAINTEXT:
			break;
	}
	return "plaintext";
}

RequestState
request_build(Request *request, const char *cluster, const char *role,
			  const char *password, PasswordType password_type,
			  Datum valid_until, bool valid_until_null)
{
	Writer		w;
	char	   *body;
	char	   *database = get_database_name(MyDatabaseId);
	char		header[HEADER_ROOM];
	int			header_length;
	bool		exists;
	bool		unchanged;

	request->size = HEADER_ROOM + REQUEST_MAX_BODY_BYTES;
	request->buffer = palloc(request->size);
	body = request->buffer + HEADER_ROOM;
	w = (Writer) {body, request->buffer + request->size, REQUEST_BUILT};
	exists = find_role(role, password_type == PASSWORD_TYPE_PLAINTEXT ? NULL : password, &unchanged);

	put(&w, "{\"version\":1,\"cluster\":");
	put_name(&w, cluster);
	put(&w, ",\"database\":");
	put_name(&w, database != NULL ? database : "");
	put(&w, ",\"statement\":");
	put(&w, exists ? "\"alter\"" : "\"create\"");
	put(&w, ",\"role\":");
	put_string(&w, role);
	put(&w, ",\"passwordType\":\"");
	put(&w, password_type_name(password_type));
	put(&w, "\",\"unchanged\":");
	put_boolean(&w, unchanged);
	put(&w, ",\"validUntil\":");
	put_timestamp(&w, valid_until, valid_until_null);
	put(&w, ",\"actor\":{\"sessionUser\":");
	put_user_name(&w, GetSessionUserId());
	put(&w, ",\"currentUser\":");
	put_user_name(&w, GetUserId());
	put(&w, ",\"superuser\":");
	put_boolean(&w, superuser());
	put(&w, ",\"clientAddress\":");
	put_client_address(&w);
	put(&w, ",\"applicationName\":");
	put_name(&w, application_name != NULL ? application_name : "");
	put(&w, "},\"attestation\":null,\"password\":");
	put_string(&w, password);
	put(&w, "}");

	if (w.state != REQUEST_BUILT)
		return w.state;

	/* The length is known only now, so the header is put right before the body. */
	header_length = snprintf(header, sizeof(header),
							 "POST /v1/verdicts HTTP/1.1\r\n"
							 "Host: localhost\r\n"
							 "Content-Type: application/json\r\n"
							 "Content-Length: %d\r\n"
							 "Connection: close\r\n"
							 "\r\n", (int) (w.at - body));
	Assert(header_length < HEADER_ROOM);
	memcpy(body - header_length, header, header_length);
	request->data = body - header_length;
	request->length = (size_t) (w.at - request->data);
	return REQUEST_BUILT;
}

void
request_wipe(Request *request)
{
	if (request->buffer == NULL)
		return;
	explicit_bzero(request->buffer, request->size);
	pfree(request->buffer);
	request->buffer = NULL;
	request->data = NULL;
}
