/*
 * sixtybits: asks the gate before a role gets a password.
 *
 * Knows the wire and nothing else: what a good password is, the gate decides.
 * A password that could not be checked is refused.
 */
#include "postgres.h"

#include <sys/un.h>

#include "client.h"
#include "commands/user.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "request.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

typedef enum CheckMode
{
	MODE_OFF,
	MODE_WARN,
	MODE_ENFORCE
} CheckMode;

/* A role's creation that hangs for longer than this is a mistake in a unit. */
#define MAX_TIMEOUT_MS (60 * 1000)

static const struct config_enum_entry mode_options[] = {
	{"enforce", MODE_ENFORCE, false},
	{"warn", MODE_WARN, false},
	{"off", MODE_OFF, false},
	{NULL, 0, false}
};

static char *gate_socket;
static char *cluster_name_sent;
static int	mode = MODE_ENFORCE;
static int	timeout_ms;

static check_password_hook_type previous_hook = NULL;

/* WARNING in mode warn, so that a roll-out shows what would be refused. */
static int
refusal_level(void)
{
	return mode == MODE_WARN ? WARNING : ERROR;
}

/*
 * The gate's text in the server's encoding. It names the role, so a server
 * that is not UTF-8 may be unable to say it; then the odd bytes become '?'.
 */
static const char *
displayable(char *text)
{
	if (GetDatabaseEncoding() != PG_UTF8)
	{
		for (char *at = text; *at != '\0'; at++)
			if (IS_HIGHBIT_SET(*at))
				*at = '?';
	}
	return text;
}

static void
report_refusal(Verdict *verdict)
{
	ereport(refusal_level(),
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s", displayable(verdict->message)),
			 verdict->has_detail ? errdetail("%s", displayable(verdict->detail)) : 0,
			 verdict->has_hint ? errhint("%s", displayable(verdict->hint)) : 0,
			 errhidestmt(true),
			 errhidecontext(true)));
}

static void
report_unfit(const char *role, const char *problem)
{
	ereport(refusal_level(),
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("password for role \"%s\" cannot be checked", role),
			 errdetail("%s", problem),
			 errhint("Generate one with: sixtybits generate"),
			 errhidestmt(true),
			 errhidecontext(true)));
}

static void
report_unchecked(const char *role, CallResult result, const Call *call)
{
	const char *detail = NULL;

	switch (result)
	{
		case CALL_ANSWERED:
			return;
		case CALL_NO_SOCKET:
			errno = call->error_number;
			detail = psprintf("Could not connect to the gate at \"%s\": %m.", gate_socket);
			break;
		case CALL_NO_DESCRIPTOR:
			detail = "The server process has no file descriptor left.";
			break;
		case CALL_BROKEN:
			errno = call->error_number;
			detail = psprintf("The connection to the gate at \"%s\" broke: %m.", gate_socket);
			break;
		case CALL_CLOSED:
			detail = psprintf("The gate at \"%s\" closed the connection without an answer.", gate_socket);
			break;
		case CALL_TIMED_OUT:
			detail = psprintf("The gate at \"%s\" did not answer within %d ms.", gate_socket, timeout_ms);
			break;
		case CALL_NOT_OK:
			detail = psprintf("The gate at \"%s\" answered with HTTP status %d.", gate_socket, call->status);
			break;
		case CALL_MALFORMED:
			detail = psprintf("What answered at \"%s\" is not a sixtybits gate.", gate_socket);
			break;
	}
	ereport(refusal_level(),
			(errcode(ERRCODE_SYSTEM_ERROR),
			 errmsg("could not check the password for role \"%s\"", role),
			 errdetail("%s", detail),
			 errhint("Check that sixtybits-gate runs and that sixtybits.socket names its socket, then try again."),
			 errhidestmt(true),
			 errhidecontext(true)));
}

static void
check_with_gate(const char *role, const char *password, PasswordType password_type,
				Datum valid_until, bool valid_until_null)
{
	/* Both are read after an error has unwound the stack. */
	Request    *request = palloc0(sizeof(Request));
	Call	   *call = call_create();

	PG_TRY();
	{
		switch (request_build(request, cluster_name_sent, role, password, password_type,
							  valid_until, valid_until_null))
		{
			case REQUEST_TOO_LONG:
				report_unfit(role, "The password is longer than the gate takes.");
				break;
			case REQUEST_NOT_UTF8:
				report_unfit(role, "The password or the name of the role has no form in UTF-8.");
				break;
			case REQUEST_BUILT:
				{
					CallResult	result = call_gate(call, gate_socket, timeout_ms, request);

					if (result != CALL_ANSWERED)
						report_unchecked(role, result, call);
					else if (!call->verdict.accept)
						report_refusal(&call->verdict);
					break;
				}
		}
	}
	PG_FINALLY();
	{
		request_wipe(request);
		call_finish(call);
	}
	PG_END_TRY();
	pfree(request);
}

static void
sixtybits_check_password(const char *role, const char *password, PasswordType password_type,
						 Datum valid_until, bool valid_until_null)
{
	PG_TRY();
	{
		if (previous_hook)
			previous_hook(role, password, password_type, valid_until, valid_until_null);

		if (mode == MODE_OFF)
			 /* the administrator wants no check */ ;
		else if (IsBinaryUpgrade || !IsUnderPostmaster)
			ereport(LOG,
					(errmsg("password for role \"%s\" is not checked", role),
					 errdetail("There is no gate in single-user mode and in a binary upgrade."),
					 errhidestmt(true),
					 errhidecontext(true)));
		else
			check_with_gate(role, password, password_type, valid_until, valid_until_null);
	}
	PG_CATCH();
	{
		/* Whatever fails in here, a cancel too, the statement holds a password. */
		errhidestmt(true);
		errhidecontext(true);
		PG_RE_THROW();
	}
	PG_END_TRY();
}

static bool
check_socket(char **newval, void **extra, GucSource source)
{
	struct sockaddr_un address;

	(void) extra;
	(void) source;
	if (!is_absolute_path(*newval))
	{
		GUC_check_errdetail("The path of the gate's socket must be absolute.");
		return false;
	}
	if (strlen(*newval) >= sizeof(address.sun_path))
	{
		GUC_check_errdetail("The path of a Unix socket has at most %zu bytes.", sizeof(address.sun_path) - 1);
		return false;
	}
	return true;
}

void
_PG_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("sixtybits must be loaded at server start"),
				 errhint("Add sixtybits to shared_preload_libraries and restart the server.")));

	DefineCustomStringVariable("sixtybits.socket",
							   "Unix socket of the gate that judges passwords.",
							   NULL,
							   &gate_socket,
							   "/run/sixtybits/gate.sock",
							   PGC_SIGHUP, 0, check_socket, NULL, NULL);
	DefineCustomStringVariable("sixtybits.cluster",
							   "Name of this cluster as the gate's policy knows it.",
							   NULL,
							   &cluster_name_sent,
							   "",
							   PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("sixtybits.mode",
							 "What becomes of a password that is weak or could not be checked.",
							 "enforce refuses it, warn reports it and takes it, off checks nothing.",
							 &mode,
							 MODE_ENFORCE,
							 mode_options,
							 PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("sixtybits.timeout",
							"How long a call to the gate may take, from connecting to the last byte.",
							NULL,
							&timeout_ms,
							1000, 1, MAX_TIMEOUT_MS,
							PGC_SIGHUP, GUC_UNIT_MS, NULL, NULL, NULL);
#if PG_VERSION_NUM >= 150000
	MarkGUCPrefixReserved("sixtybits");
#else
	EmitWarningsOnPlaceholders("sixtybits");
#endif

	previous_hook = check_password_hook;
	check_password_hook = sixtybits_check_password;
}
