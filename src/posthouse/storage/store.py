"""The store: commands to the writer, queries to readers, one registry of both."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from posthouse.core.ports import (
    admin,
    admission,
    batches,
    changes,
    conversions,
    life,
    otp,
    queries,
    reconciling,
)
from posthouse.core.ports import channels as channel_ports
from posthouse.core.ports import guard as guard_ports
from posthouse.core.ports import inbox as inbox_ports
from posthouse.core.ports import routes as route_ports
from posthouse.core.ports import templates as template_ports
from posthouse.core.ports.holding import CountHeld, HoldOpen, LeapBoot, ListHeld, Release
from posthouse.core.ports.polling import FindAwaited
from posthouse.core.ports.replies import KeepReply
from posthouse.core.ports.silence import FindSilent, ResendSilent
from posthouse.core.ports.store import Command, Query
from posthouse.storage import (
    accepting,
    administering,
    admitting,
    approving,
    auditing,
    batching,
    channels,
    checking_codes,
    claiming,
    converting,
    counters,
    ending,
    fixed_codes,
    following,
    gauging,
    guard_counts,
    guard_entries,
    holding,
    idempotency,
    inbox,
    issuing,
    listing,
    looking_up,
    owned,
    paging,
    polling,
    postponing,
    reading,
    reading_inbox,
    receipts,
    rescheduling,
    routes,
    sending_codes,
    signatures,
    silence,
    staging,
    suppressing,
    templates,
    timing,
    verdicts,
    verifications,
)
from posthouse.storage.engine.sqlite import SQLite
from posthouse.storage.tx import Tx
from posthouse.storage.writer import Committed, Handler, Writer

__all__ = ["Committed", "Store"]

R = TypeVar("R")

READERS = 2

HANDLERS: dict[type[Command[Any]], Handler] = {
    life.Accept: accepting.accept,
    life.Stage: accepting.stage,
    life.DropStaged: staging.drop_staged,
    life.Claim: claiming.claim,
    life.StartAttempts: claiming.start_attempts,
    life.PutBack: claiming.put_back,
    life.EndMessages: ending.end_messages,
    life.RecordVerdicts: verdicts.record_verdicts,
    life.SettleReceipts: receipts.settle_receipts,
    life.RecordReplies: inbox.record_replies,
    life.Cancel: timing.cancel,
    changes.Reschedule: rescheduling.reschedule,
    changes.RescheduleBatch: rescheduling.reschedule_batch,
    changes.Postpone: postponing.postpone,
    changes.CancelBatch: batching.cancel_batch,
    life.QueueScheduled: timing.queue_scheduled,
    life.AgeMessages: timing.age_messages,
    reconciling.ClaimUnknown: timing.claim_unknown,
    reconciling.ResolveUnknown: timing.resolve_unknown,
    life.Recover: timing.recover,
    life.Forget: timing.forget,
    admission.Admit: admitting.admit,
    admission.Suppress: suppressing.suppress,
    admission.Unsuppress: suppressing.unsuppress,
    otp.SendCode: sending_codes.send_code,
    otp.CheckCode: checking_codes.check_code,
    otp.CancelVerification: checking_codes.cancel_verification,
    otp.CloseVerifications: verifications.close_verifications,
    ResendSilent: silence.resend_silent,
    otp.SaveFixedCode: fixed_codes.save_fixed_code,
    otp.DropFixedCode: fixed_codes.drop_fixed_code,
    guard_ports.SetGuard: guard_entries.set_guard,
    guard_ports.SaveEntry: guard_entries.save_entry,
    guard_ports.DropEntry: guard_entries.drop_entry,
    guard_ports.ChangePrefixes: guard_entries.change_prefixes,
    HoldOpen: holding.hold_open,
    Release: holding.release,
    KeepReply: idempotency.keep_reply,
    LeapBoot: holding.leap_boot,
    admin.CreateAccount: administering.create_account,
    admin.CreditAccount: administering.credit_account,
    admin.UpdateAccount: administering.update_account,
    admin.CreateKey: issuing.create_key,
    admin.OpenTrial: issuing.open_trial,
    admin.RevokeKey: issuing.revoke_key,
    channel_ports.AddChannel: channels.add_channel,
    channel_ports.SaveChannel: channels.save_channel,
    channel_ports.RemoveChannel: channels.remove_channel,
    route_ports.SaveRoute: routes.save_route,
    route_ports.DropRoute: routes.drop_route,
    admin.SetPrices: administering.set_prices,
    template_ports.SaveTemplate: templates.save_template,
    template_ports.EditTemplate: templates.edit_template,
    template_ports.DeleteTemplate: templates.delete_template,
    template_ports.SaveSignature: signatures.save_signature,
    template_ports.DeleteSignature: signatures.delete_signature,
    template_ports.SetApproval: approving.set_approval,
    template_ports.DropApproval: approving.drop_approval,
    template_ports.SetWords: owned.set_words,
    admin.NoteSecret: counters.note_secret,
    admin.NextBoot: counters.next_boot,
}

ANSWERS: dict[type[Query[Any]], Callable[[Tx, Any], Any]] = {
    queries.GetMessage: reading.get_message,
    queries.GetTrace: reading.get_trace,
    queries.ListEvents: following.list_events,
    queries.ListMessages: listing.list_messages,
    queries.PageMessages: paging.page_messages,
    batches.GetBatch: batching.get_batch,
    batches.ListBatches: batching.list_batches,
    queries.FindReply: reading.find_reply,
    queries.GetAccount: looking_up.get_account,
    queries.ListAccounts: looking_up.list_accounts,
    queries.GetStanding: looking_up.get_standing,
    queries.FindKey: looking_up.find_key,
    queries.ListKeys: looking_up.list_keys,
    channel_ports.ListChannels: channels.list_channels,
    channel_ports.ListChannelRecords: channels.list_channel_records,
    route_ports.ListRoutes: routes.list_routes,
    queries.GetPrices: looking_up.get_prices,
    queries.DirectoryVersion: looking_up.directory_version,
    template_ports.GetOwn: owned.get_own,
    template_ports.GetVersion: owned.get_version,
    template_ports.GetTemplate: templates.get_template,
    template_ports.ListTemplates: templates.list_templates,
    template_ports.ListVersions: templates.list_versions,
    template_ports.GetApprovals: approving.get_approvals,
    template_ports.ApprovalsOf: approving.approvals_of,
    template_ports.GetHistory: approving.get_history,
    template_ports.GetSignature: signatures.get_signature,
    template_ports.ListSignatures: signatures.list_signatures,
    template_ports.GetWords: owned.get_words,
    otp.FindChallenge: sending_codes.find_challenge,
    otp.GetVerification: verifications.get_verification,
    otp.ListVerifications: verifications.list_verifications,
    FindSilent: silence.find_silent,
    FindAwaited: polling.find_awaited,
    conversions.GetConversions: converting.get_conversions,
    conversions.ListConversions: converting.list_conversions,
    otp.ListFixedCodes: fixed_codes.list_fixed_codes,
    guard_ports.ListEntries: guard_entries.list_entries,
    guard_ports.GetPrefixes: guard_entries.get_prefixes,
    guard_ports.CountObjections: guard_counts.count_objections,
    admission.FindSuppressed: suppressing.find_suppressed,
    admission.GetSuppression: suppressing.get_suppression,
    admission.ListSuppressions: suppressing.list_suppressions,
    inbox_ports.ListInbox: reading_inbox.list_inbox,
    inbox_ports.GetInbound: reading_inbox.get_inbound,
    queries.CheckLedger: auditing.check_ledger,
    ListHeld: holding.list_held,
    CountHeld: holding.count_held,
    queries.CheckBooks: gauging.check_books,
    queries.GetGauges: gauging.get_gauges,
}


def _unheard(_commands: int, _rows: int, _seconds: float) -> None:
    """Nobody counts."""


class Store:
    """`core.ports.store.Store` on one engine."""

    def __init__(self, engine: SQLite, committed: Committed | None = None) -> None:
        """`committed` is told of every commit group: its commands, its rows, its seconds."""
        self._engine = engine
        self._writer = Writer(engine, HANDLERS, committed or _unheard)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._local = threading.local()
        self._opened: list[Any] = []

    async def write(self, command: Command[R]) -> R:
        """See `core.ports.store.Store.write`."""
        return cast("R", await self._writer.write(command))

    async def read(self, query: Query[R]) -> R:
        """See `core.ports.store.Store.read`."""
        return cast("R", await asyncio.get_running_loop().run_in_executor(self._readers, self._answer, query))

    def waiting(self) -> int:
        """How many commands wait for their commit."""
        return self._writer.waiting

    def failing(self) -> bool:
        """Whether commits keep failing."""
        return self._writer.failing

    def close(self) -> None:
        """Finish what waits; close every connection."""
        self._writer.close()
        self._readers.shutdown()
        for connection in self._opened:
            connection.close()

    def _answer(self, query: Query[Any]) -> Any:  # noqa: ANN401
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._engine.open_reader()
            self._opened.append(connection)
        cursor = connection.cursor()
        cursor.execute("BEGIN")  # one snapshot for all statements of the answer
        try:
            return ANSWERS[type(query)](Tx(connection, self._engine.dialect), query)
        finally:
            cursor.execute("ROLLBACK")
