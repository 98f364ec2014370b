//! The transaction that use cases run in.

use kernel::{Instant, Moment, id::TransferId};
use store::{Append, Fault, Param, Row, Vault};

use crate::Policy;
use crate::ids::IdSource;

/// A transaction of the store, with the time, the ids and the policy of the call.
///
/// Channels can hold one and pass it to use cases; its SQL is out of their reach.
pub struct Tx<'a, 'c> {
    pub(crate) store: &'a mut store::Tx<'c>,
    pub(crate) at: Moment,
    /// The business instant from which the books are open: the end of the last closed period.
    pub(crate) open_from: Instant,
    pub(crate) ids: &'a IdSource,
    pub(crate) vault: &'a Vault,
    pub(crate) policy: &'a Policy,
}

/// Where a call is to run, where the store has several writers: calls with the same home meet in
/// the same one, and the calls of one group run in a rising order of members, so that two writers
/// never wait for each other in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// What many calls change at once: the project of a bid, the member of a recharge.
    pub home: i64,
    /// The member whose accounts the call changes first.
    pub order: i64,
}

impl Route {
    /// A call about one member.
    pub const fn home(member: i64) -> Self {
        Self { home: member, order: member }
    }

    /// A call about a project that may change the accounts of many members: the last of its group.
    pub const fn project(project: i64) -> Self {
        Self { home: project, order: i64::MAX }
    }
}

impl Tx<'_, '_> {
    /// When this call runs.
    pub fn at(&self) -> Moment {
        self.at
    }

    pub(crate) fn execute(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<u64, Fault> {
        self.store.execute(sql, params)
    }

    pub(crate) fn rows<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        self.store.rows(sql, params, read)
    }

    pub(crate) fn row<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.store.row(sql, params, read)
    }

    pub(crate) fn append(
        &mut self,
        table: &'static Append,
        params: &[Param<'_>],
    ) -> Result<(), Fault> {
        self.store.append(table, params)
    }

    /// Reserves the ids of a transfer and of its `lines` postings, which follow it directly.
    pub(crate) fn transfer_ids(&self, lines: i64) -> TransferId {
        let first = self.ids.take(self.at.wall, lines.saturating_add(1));
        TransferId::from_number(first)
    }

    /// Runs a part that is undone alone when it is refused.
    pub(crate) fn nested<T, E>(
        &mut self,
        part: impl FnOnce(&mut Tx<'_, '_>) -> Result<T, E>,
    ) -> Result<Result<T, E>, Fault> {
        let (at, open_from, ids) = (self.at, self.open_from, self.ids);
        let (vault, policy) = (self.vault, self.policy);
        self.store.nested(|store| part(&mut Tx { store, at, open_from, ids, vault, policy }))
    }
}
