//! The address of the customer, seen past the proxies that are trusted.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::Request;
use axum::http::HeaderMap;

use crate::listen::PeerAddress;

/// The header in which each proxy adds the address it was called from, at the end.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the customer; 0.0.0.0 if the request came over no connection, as in tests.
pub(super) fn of_customer(request: &Request, trusted: &[IpAddr]) -> IpAddr {
    let peer = request.extensions().get::<PeerAddress>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip().to_canonical());
    resolve(peer, request.headers(), trusted)
}

/// Walks from the peer towards the customer as long as who speaks is trusted.
fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|t| t.to_canonical() == *address);
    let mut address = peer;
    // From the right: whatever stands left of an untrusted address may be invented.
    for line in headers.get_all(FORWARDED_FOR).iter().rev() {
        for entry in line.as_bytes().rsplit(|byte| *byte == b',') {
            if !is_trusted(&address) {
                return address;
            }
            match std::str::from_utf8(entry).ok().and_then(|entry| parse(entry.trim())) {
                Some(next) => address = next,
                None => return address,
            }
        }
    }
    address
}

/// An address, with or without a port.
fn parse(entry: &str) -> Option<IpAddr> {
    let plain = entry.parse::<IpAddr>();
    let address = plain.or_else(|_| entry.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, lines: &[&str], trusted: &[&str], wanted: &str) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let trusted: Vec<IpAddr> = trusted.iter().map(|t| t.parse().unwrap()).collect();
        let resolved = resolve(peer.parse().unwrap(), &headers, &trusted);
        assert_eq!(resolved.to_string(), wanted);
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        //    peer        X-Forwarded-For lines               trusted                     customer
        check("10.0.0.2", &[], &["10.0.0.2"], "10.0.0.2");
        check("203.0.113.9", &["198.51.100.1"], &[], "203.0.113.9");
        check("203.0.113.9", &["198.51.100.1"], &["10.0.0.2"], "203.0.113.9");
        check("10.0.0.2", &["198.51.100.1"], &["10.0.0.2"], "198.51.100.1");
        check("10.0.0.2", &["1.1.1.1, 198.51.100.1"], &["10.0.0.2"], "198.51.100.1");
        check("10.0.0.2", &["1.1.1.1, 9.9.9.9,10.0.0.3"], &["10.0.0.2", "10.0.0.3"], "9.9.9.9");
        check("10.0.0.2", &["1.1.1.1", "9.9.9.9"], &["10.0.0.2"], "9.9.9.9");
        check("10.0.0.2", &["9.9.9.9", "10.0.0.3"], &["10.0.0.2", "10.0.0.3"], "9.9.9.9");
        check("10.0.0.2", &["9.9.9.9:4711"], &["10.0.0.2"], "9.9.9.9");
        check("10.0.0.2", &["[2001:db8::1]:4711"], &["10.0.0.2"], "2001:db8::1");
        check("10.0.0.2", &["1.1.1.1, unknown"], &["10.0.0.2"], "10.0.0.2");
        check("10.0.0.2", &["10.0.0.3"], &["10.0.0.2", "10.0.0.3"], "10.0.0.3");
        check("::1", &["::ffff:9.9.9.9"], &["::1"], "9.9.9.9");
    }
}
