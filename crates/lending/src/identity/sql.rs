//! The rows of members.

use kernel::id::MemberId;
use kernel::{Channel, Instant, Mobile, Secret};
use store::{Fault, Row, Vault, params};

use super::password::PasswordHash;
use super::{Credentials, Member, Register, Role};
use crate::{Page, Tx};

/// The series of member numbers.
pub(super) const SERIES: &str = "member";
/// Where mobile numbers are sealed; part of what binds them to their place.
const MOBILE: &str = "member.mobile";

/// A query for members; all of them read the same columns.
macro_rules! select_members {
    ($which:literal) => {
        concat!(
            "SELECT m.member_id, m.mobile_sealed, m.nickname, m.role, m.status, ",
            "m.tokens_revoked_through, m.registered_at, w.balance_fen ",
            "FROM member m JOIN account w ON w.account_id = m.member_id * 100 + 1 ",
            $which
        )
    };
}

const MEMBER: &str = select_members!("WHERE m.member_id = ?1");
const MEMBERS: &str = select_members!("ORDER BY m.member_id LIMIT ?1 OFFSET ?2");

const MEMBERS_ON: &str =
    select_members!("WHERE m.channel = ?1 ORDER BY m.member_id LIMIT ?2 OFFSET ?3");

const fn word(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Administrator => "administrator",
    }
}

fn read(vault: &Vault, row: &Row<'_>) -> Result<Member, Fault> {
    let id = row.i64("member_id")?;
    let mobile = vault.open(MOBILE, id, &row.blob("mobile_sealed")?)?;
    let role = match row.text("role")?.as_str() {
        "member" => Role::Member,
        "administrator" => Role::Administrator,
        _ => return Err(Fault::Corrupt("role".into())),
    };
    Ok(Member {
        id: MemberId::from_number(id),
        mobile: Mobile::parse(&mobile).ok_or(Fault::Sealed(MOBILE))?,
        nickname: row.text("nickname")?,
        role,
        blocked: row.text("status")? == "blocked",
        tokens_revoked_through: row.i64("tokens_revoked_through")?,
        registered_at: row.instant("registered_at")?,
        wallet: row.money("balance_fen")?,
    })
}

pub(super) fn members_on(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    page: Page,
) -> Result<Vec<Member>, Fault> {
    let vault = tx.vault;
    let params = params![channel.word(), page.size(), page.offset()];
    tx.rows(MEMBERS_ON, params, |row| read(vault, row))
}

pub(super) fn member(tx: &mut Tx<'_, '_>, id: MemberId) -> Result<Option<Member>, Fault> {
    let vault = tx.vault;
    tx.row(MEMBER, params![id], |row| read(vault, row))
}

pub(super) fn members(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Member>, Fault> {
    let vault = tx.vault;
    tx.rows(MEMBERS, params![page.size(), page.offset()], |row| read(vault, row))
}

/// Inserts the member; false if the mobile number or the id is taken.
pub(super) fn insert_member(
    tx: &mut Tx<'_, '_>,
    id: MemberId,
    command: &Register,
) -> Result<bool, Fault> {
    let mobile = command.mobile.expose();
    let sealed = tx.vault.seal(MOBILE, id.number(), mobile)?;
    let index = tx.vault.blind_index(MOBILE, mobile);
    let insert = "INSERT INTO member (member_id, channel, mobile_sealed, mobile_index,
            mobile_masked, nickname, role, status, tokens_revoked_through, registered_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'active', 0, ?8) ON CONFLICT DO NOTHING";
    let inserted = tx.execute(
        insert,
        params![
            id,
            command.channel.word(),
            &sealed,
            &index,
            &command.mobile.masked(),
            &command.nickname,
            word(command.role),
            tx.at.business
        ],
    )?;
    if inserted == 0 {
        return Ok(false);
    }
    let insert = "INSERT INTO member_password (member_id, argon2_hash) VALUES (?1, ?2)";
    tx.execute(insert, params![id, command.password.expose()])?;
    if tx.policy.plain_mobiles {
        let insert = "INSERT INTO member_plain_mobile (member_id, mobile) VALUES (?1, ?2)";
        tx.execute(insert, params![id, mobile])?;
    }
    Ok(true)
}

pub(super) fn find(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
) -> Result<Option<MemberId>, Fault> {
    let index = tx.vault.blind_index(MOBILE, mobile.expose());
    let select = "SELECT member_id FROM member WHERE channel = ?1 AND mobile_index = ?2";
    let found = tx.row(select, params![channel.word(), &index], |row| row.i64("member_id"))?;
    Ok(found.map(MemberId::from_number))
}

pub(super) fn find_masked(
    tx: &mut Tx<'_, '_>,
    masked: &str,
    most: u32,
) -> Result<Vec<MemberId>, Fault> {
    let select = "SELECT member_id FROM member WHERE mobile_masked = ?1
        ORDER BY member_id LIMIT ?2";
    tx.rows(select, params![masked, most], |row| row.i64("member_id").map(MemberId::from_number))
}

pub(super) fn contact(
    tx: &mut Tx<'_, '_>,
    id: MemberId,
) -> Result<Option<(Channel, Mobile)>, Fault> {
    let vault = tx.vault;
    let select = "SELECT channel, mobile_sealed FROM member WHERE member_id = ?1";
    tx.row(select, params![id], |row| {
        let channel = Channel::parse(&row.text("channel")?);
        let mobile = vault.open(MOBILE, id.number(), &row.blob("mobile_sealed")?)?;
        let mobile = Mobile::parse(&mobile).ok_or(Fault::Sealed(MOBILE))?;
        Ok((channel.ok_or_else(|| Fault::Corrupt("channel".into()))?, mobile))
    })
}

pub(super) fn credentials(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
) -> Result<Option<Credentials>, Fault> {
    let index = tx.vault.blind_index(MOBILE, mobile.expose());
    let select = "SELECT m.member_id, p.argon2_hash FROM member m
        JOIN member_password p ON p.member_id = m.member_id
        WHERE m.channel = ?1 AND m.mobile_index = ?2";
    tx.row(select, params![channel.word(), &index], |row| {
        let member = MemberId::from_number(row.i64("member_id")?);
        let password = PasswordHash::from_stored(Secret::new(row.text("argon2_hash")?));
        Ok(Credentials { member, password })
    })
}

pub(super) fn set_password(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    password: &PasswordHash,
) -> Result<bool, Fault> {
    let update = "UPDATE member_password SET argon2_hash = ?2 WHERE member_id = ?1";
    Ok(tx.execute(update, params![member, password.expose()])? == 1)
}

pub(super) fn change_password(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<bool, Fault> {
    let update = "UPDATE member_password SET argon2_hash = ?3
        WHERE member_id = ?1 AND argon2_hash = ?2";
    Ok(tx.execute(update, params![member, old.expose(), new.expose()])? == 1)
}

pub(super) fn revoke_through(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    through: i64,
) -> Result<bool, Fault> {
    // A token made after a revocation in the same second outlives that one by a second; the next
    // revocation must reach it.
    let update = "UPDATE member SET tokens_revoked_through =
        CASE WHEN tokens_revoked_through >= ?2 THEN tokens_revoked_through + 1 ELSE ?2 END
        WHERE member_id = ?1";
    Ok(tx.execute(update, params![member, through])? == 1)
}

pub(super) fn set_blocked(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    blocked: bool,
) -> Result<bool, Fault> {
    let status = if blocked { "blocked" } else { "active" };
    let update = "UPDATE member SET status = ?2 WHERE member_id = ?1";
    Ok(tx.execute(update, params![member, status])? == 1)
}

pub(super) fn set_nickname(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    nickname: &str,
) -> Result<(), Fault> {
    let update = "UPDATE member SET nickname = ?2 WHERE member_id = ?1";
    tx.execute(update, params![member, nickname]).map(|_| ())
}

pub(super) fn use_signature(
    tx: &mut Tx<'_, '_>,
    digest: &[u8],
    expires: Instant,
) -> Result<bool, Fault> {
    let insert = "INSERT INTO used_signature (digest, expires_at) VALUES (?1, ?2)
        ON CONFLICT (digest) DO NOTHING";
    Ok(tx.execute(insert, params![digest, expires])? == 1)
}

pub(super) fn prune_signatures(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    tx.execute("DELETE FROM used_signature WHERE expires_at < ?1", params![tx.at.wall])
}
