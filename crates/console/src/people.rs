//! What answers show of customers: masked, or in full for a reason.

use kernel::Money;
use lending::customers::statements::{Acquaintance, Home, Work};
use lending::customers::{Card, Contact, Customer, Identity, Line, Place, Profile};
use serde_json::{Value, json};

use crate::reply::time;
use crate::values::{Sight, opt_time};

/// What the answers show of a customer.
pub(crate) fn shown(customer: &Customer, sight: Sight) -> Value {
    // What stands in the place of a number that is erased is nobody's.
    let mobile = match sight {
        _ if customer.erased_at.is_some() => None,
        Sight::Masked => Some(customer.mobile.masked()),
        Sight::Full => Some(customer.mobile.expose().to_owned()),
    };
    json!({
        "id": customer.member.number(),
        "channel": customer.channel.word(),
        "mobile_phone": mobile,
        "identity": customer.identity.as_ref().map(|known| identity(known, sight)),
        "card": customer.card.as_ref().map(|known| card(known, sight)),
        "mobile_verified": customer.mobile_verified,
        "profile_complete": customer.profile_complete,
        "blacklisted": customer.blacklisted,
        "risky": customer.risky,
        "risk_note": match sight {
            Sight::Masked => None,
            Sight::Full => customer.risk_note.as_ref().map(|note| note.expose().to_owned()),
        },
        "blocked": customer.blocked,
        "registered_at": time(customer.registered_at),
        "erased_at": opt_time(customer.erased_at),
    })
}

fn identity(identity: &Identity, sight: Sight) -> Value {
    let (name, id_no) = match sight {
        Sight::Masked => (identity.name.masked(), identity.id_no.masked()),
        Sight::Full => (identity.name.expose().to_owned(), identity.id_no.expose().to_owned()),
    };
    json!({ "person_id": identity.person.number(), "name": name, "id_no": id_no })
}

fn card(card: &Card, sight: Sight) -> Value {
    let (number, mobile) = match sight {
        Sight::Masked => (card.number.masked(), card.mobile.masked()),
        Sight::Full => (card.number.expose().to_owned(), card.mobile.expose().to_owned()),
    };
    json!({
        "number": number,
        "mobile_phone": mobile,
        "bank_code": card.bank_code,
        "bank": card.bank_name,
        "verified_at": time(card.verified_at),
    })
}

/// What a customer has told about home and work; only ever in full.
pub(crate) fn profile(profile: &Profile) -> Value {
    json!({
        "education": profile.education.number(),
        "marital_status": profile.marital_status.number(),
        "registry": place(&profile.registry),
        "home": place(&profile.home),
        "residence": profile.residence.number(),
        "industry": profile.industry.number(),
        "work": place(&profile.work),
        "working_time": profile.working_time.number(),
        "employer": profile.employer.expose(),
        "position": profile.position.expose(),
        "monthly_income": Money::to_string(&profile.monthly_income),
        "payroll_day": profile.payroll_day,
    })
}

fn place(place: &Place) -> Value {
    json!({
        "province": place.province.digits(),
        "city": place.city.digits(),
        "county": place.county.as_ref().map(|code| code.digits().to_owned()),
        "detail": place.detail.expose(),
    })
}

/// Whom a customer has named; only ever in full.
pub(crate) fn contact(contact: &Contact) -> Value {
    json!({
        "id": contact.id.number().to_string(),
        "relation": contact.told.relation.number(),
        "name": contact.told.name.expose(),
        "phone": contact.told.phone.expose(),
    })
}

fn lines(all: &[Line]) -> Vec<&str> {
    all.iter().map(Line::expose).collect()
}

/// Where a customer lives, in the words of their app; only ever in full.
pub(crate) fn lives(home: &Home) -> Value {
    json!({
        "area": lines(&home.area),
        "address": home.address.expose(),
        "since": lines(&home.since),
    })
}

/// Where a customer works, in the words of their app; only ever in full.
pub(crate) fn works(work: &Work) -> Value {
    json!({
        "industry": work.industry.expose(),
        "position": work.position.expose(),
        "employer": work.employer.expose(),
        "area": lines(&work.area),
        "address": work.address.expose(),
        "telephone": work.telephone.expose(),
    })
}

/// Whom a customer knows, in the words of their app; only ever in full.
pub(crate) fn acquaintance(known: &Acquaintance) -> Value {
    json!({
        "relation": lines(&known.relation),
        "name": known.name.expose(),
        "telephone": known.telephone.expose(),
    })
}
