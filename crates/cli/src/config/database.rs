//! The URL of the PostgreSQL database: its rough shape, and how it is shown.

/// What stands in the place of a password.
const MASK: &str = "***";

/// Whether the text has the shape of a PostgreSQL URL.
///
/// The driver reads it properly later. Here it is only made sure that [`masked`] knows where a
/// password can be: a colon without an `@` after it must begin a port.
pub(super) fn is_url(text: &str) -> bool {
    let Some((_, rest)) = split_scheme(text) else { return false };
    if rest.is_empty() || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return false;
    }
    if rest.contains('@') {
        return true;
    }
    let hosts = rest.split(['/', '?']).next().unwrap_or_default();
    hosts.split(',').all(|host| {
        let (_, port) = host.rsplit_once(':').unwrap_or((host, "0"));
        host.ends_with(']') || port.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The URL with its password masked, wherever it stands.
pub(super) fn masked(text: &str) -> String {
    let Some((scheme, rest)) = split_scheme(text) else { return MASK.to_owned() };
    let (user, rest) = match rest.rsplit_once('@') {
        Some((credentials, rest)) => match credentials.split_once(':') {
            Some((user, _)) => (format!("{user}:{MASK}@"), rest),
            None => (format!("{credentials}@"), rest),
        },
        None => (String::new(), rest),
    };
    let Some((place, query)) = rest.split_once('?') else {
        return format!("{scheme}{user}{rest}");
    };
    let query: Vec<String> = query.split('&').map(masked_parameter).collect();
    format!("{scheme}{user}{place}?{}", query.join("&"))
}

/// Parameters are shown only where their names are known to be harmless.
fn masked_parameter(parameter: &str) -> String {
    const HARMLESS: [&str; 7] = [
        "host",
        "port",
        "dbname",
        "sslmode",
        "application_name",
        "connect_timeout",
        "target_session_attrs",
    ];
    match parameter.split_once('=') {
        Some((name, _)) if !HARMLESS.contains(&name) => format!("{name}={MASK}"),
        Some(_) | None => parameter.to_owned(),
    }
}

fn split_scheme(text: &str) -> Option<(&str, &str)> {
    ["postgres://", "postgresql://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme).map(|rest| (*scheme, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        for (url, shown) in [
            ("postgres://bank:s3cret@db:5432/jiehuan", "postgres://bank:***@db:5432/jiehuan"),
            ("postgresql://bank:a@b/c:d@db/jiehuan", "postgresql://bank:***@db/jiehuan"),
            ("postgres://bank@db/jiehuan", "postgres://bank@db/jiehuan"),
            (
                "postgres:///jiehuan?host=/run&password=x",
                "postgres:///jiehuan?host=/run&password=***",
            ),
            ("postgres://db:5432/jiehuan", "postgres://db:5432/jiehuan"),
            ("postgres://[::1]:5432/jiehuan", "postgres://[::1]:5432/jiehuan"),
        ] {
            assert!(is_url(url), "{url}");
            assert_eq!(masked(url), shown);
        }
    }

    #[test]
    fn what_could_hide_a_password_elsewhere_is_no_url() {
        for bad in
            ["mysql://db/x", "postgres://", "postgres://bank:s3cret/db", "postgres://a b@c/d"]
        {
            assert!(!is_url(bad), "{bad}");
        }
        assert_eq!(masked("s3cret"), "***");
    }
}
