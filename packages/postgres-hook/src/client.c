/*
 * Non-blocking HTTP/1.1 on a Unix socket. Every wait is on the latch too, so
 * that a cancel, statement_timeout or the end of the postmaster ends it, and
 * none outlasts the one deadline.
 */
#include "client.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "storage/fd.h"
#include "storage/latch.h"

/* How long to wait before connecting again while the gate's backlog is full. */
#define BACKLOG_RETRY_MS 10

typedef struct Deadline
{
	instr_time	start;
	int			timeout_ms;
} Deadline;

static long
remaining_ms(const Deadline *deadline)
{
	instr_time	elapsed;

	INSTR_TIME_SET_CURRENT(elapsed);
	INSTR_TIME_SUBTRACT(elapsed, deadline->start);
	return deadline->timeout_ms - (long) INSTR_TIME_GET_MILLISEC(elapsed);
}

/*
 * Waits for the socket (events), or just lets at_most_ms pass (events 0).
 * False if the deadline has come.
 */
static bool
wait_for(pgsocket sock, int events, const Deadline *deadline, long at_most_ms)
{
	long		timeout = Min(remaining_ms(deadline), at_most_ms);
	int			woken;

	if (timeout <= 0)
		return false;
	woken = WaitLatchOrSocket(MyLatch, events | WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
							  events != 0 ? sock : PGINVALID_SOCKET, timeout, PG_WAIT_EXTENSION);
	if (woken & WL_LATCH_SET)
	{
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	return remaining_ms(deadline) > 0;
}

static CallResult
fail(Call *call, CallResult result)
{
	call->error_number = errno;
	return result;
}

static CallResult
open_connection(Call *call, const char *socket_path, const Deadline *deadline)
{
	struct sockaddr_un address;

	memset(&address, 0, sizeof(address));
	address.sun_family = AF_UNIX;
	/* It fits, with its terminator: the GUC's check hook has refused what does not. */
	memcpy(address.sun_path, socket_path, strlen(socket_path));

	/* One for the socket; and there must be another, for which each wait asks and raises an error if there is none. */
	call->reserved = AcquireExternalFD();
	if (!call->reserved || !AcquireExternalFD())
		return fail(call, CALL_NO_DESCRIPTOR);
	ReleaseExternalFD();
	call->sock = socket(AF_UNIX, SOCK_STREAM, 0);
	if (call->sock == PGINVALID_SOCKET)
		return fail(call, CALL_NO_SOCKET);
	if (!pg_set_noblock(call->sock) || fcntl(call->sock, F_SETFD, FD_CLOEXEC) < 0)
		return fail(call, CALL_BROKEN);

	/*
	 * A Unix socket connects at once or not at all. EAGAIN means a full
	 * backlog, on which nothing can be polled.
	 */
	while (connect(call->sock, (struct sockaddr *) &address, sizeof(address)) < 0)
	{
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return fail(call, CALL_NO_SOCKET);
		if (!wait_for(PGINVALID_SOCKET, 0, deadline, BACKLOG_RETRY_MS))
			return CALL_TIMED_OUT;
	}
	return CALL_ANSWERED;
}

static CallResult
send_request(Call *call, const Request *request, const Deadline *deadline)
{
	size_t		sent = 0;

	while (sent < request->length)
	{
		ssize_t		n = send(call->sock, request->data + sent, request->length - sent, MSG_NOSIGNAL);

		if (n >= 0)
			sent += (size_t) n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
		{
			if (!wait_for(call->sock, WL_SOCKET_WRITEABLE, deadline, deadline->timeout_ms))
				return CALL_TIMED_OUT;
		}
		else if (errno != EINTR)
			return fail(call, CALL_BROKEN);
	}
	return CALL_ANSWERED;
}

static CallResult
receive_response(Call *call, const Deadline *deadline)
{
	for (;;)
	{
		ssize_t		n = recv(call->sock, call->response + call->received,
							 sizeof(call->response) - call->received, 0);

		if (n >= 0)
		{
			call->received += (size_t) n;
			switch (response_parse(call->response, call->received, n == 0, &call->status, &call->verdict))
			{
				case RESPONSE_COMPLETE:
					return CALL_ANSWERED;
				case RESPONSE_NOT_OK:
					return CALL_NOT_OK;
				case RESPONSE_MALFORMED:
					return call->received == 0 ? CALL_CLOSED : CALL_MALFORMED;
				case RESPONSE_INCOMPLETE:
					break;
			}
			/* A peer that never lets recv block must not outlast the deadline. */
			CHECK_FOR_INTERRUPTS();
			if (remaining_ms(deadline) <= 0)
				return CALL_TIMED_OUT;
		}
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
		{
			if (!wait_for(call->sock, WL_SOCKET_READABLE, deadline, deadline->timeout_ms))
				return CALL_TIMED_OUT;
		}
		else if (errno != EINTR)
			return fail(call, CALL_BROKEN);
	}
}

Call *
call_create(void)
{
	Call	   *call = palloc0(sizeof(Call));

	call->sock = PGINVALID_SOCKET;
	return call;
}

CallResult
call_gate(Call *call, const char *socket_path, int timeout_ms, const Request *request)
{
	Deadline	deadline;
	CallResult	result;

	deadline.timeout_ms = timeout_ms;
	INSTR_TIME_SET_CURRENT(deadline.start);

	result = open_connection(call, socket_path, &deadline);
	if (result == CALL_ANSWERED)
		result = send_request(call, request, &deadline);
	if (result == CALL_ANSWERED)
		result = receive_response(call, &deadline);
	return result;
}

void
call_finish(Call *call)
{
	if (call->sock != PGINVALID_SOCKET)
		closesocket(call->sock);
	if (call->reserved)
		ReleaseExternalFD();
	explicit_bzero(call, sizeof(*call));
	pfree(call);
}
