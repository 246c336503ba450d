//! The address that a request comes from, which failed log-ins are counted by.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::{Problem, Serving};

/// The address of the client: that of the connection or, where the settings say that a proxy stands before the server,
/// the one that the proxy saw.
pub(crate) struct Peer(pub(crate) IpAddr);

impl FromRequest for Peer {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let forwarded_for = request.app_data::<Serving>().is_some_and(|serving| serving.forwarded_for);
        let forwarded = if forwarded_for { last_forwarded(request) } else { None };
        // A connection without an address is one within this machine.
        let peer = || request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.ip());
        ready(Ok(Self(forwarded.unwrap_or_else(peer))))
    }
}

/// The last address is the one that the proxy added; whatever stands before it was sent by the client, who can write
/// anything there.
fn last_forwarded(request: &HttpRequest) -> Option<IpAddr> {
    let last = request.headers().get_all("X-Forwarded-For").last()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use actix_web::FromRequest;
    use actix_web::dev::Payload;
    use actix_web::test::TestRequest;

    use super::Peer;
    use crate::Serving;

    fn peer(forwarded_for: bool, headers: &[&str]) -> String {
        let connection: SocketAddr = "192.0.2.1:1".parse().expect("an address");
        let serving = Serving { forwarded_for, ..Serving::default() };
        let mut request = TestRequest::default().peer_addr(connection).app_data(serving);
        for header in headers {
            request = request.append_header(("X-Forwarded-For", *header));
        }
        let peer = Peer::from_request(&request.to_http_request(), &mut Payload::None).into_inner();
        peer.unwrap_or_else(|_problem| panic!("every request has an address")).0.to_string()
    }

    #[test]
    fn usr_07_the_header_of_the_proxy_counts_only_where_there_is_one() {
        let stranger = ["203.0.113.9, 198.51.100.7"];
        assert_eq!(peer(false, &stranger), "192.0.2.1", "by default anybody could write the header");
        #[rustfmt::skip]
        let table: [(&[&str], &str); 7] = [
            (&["198.51.100.7"],                "198.51.100.7"),
            (&["203.0.113.9, 198.51.100.7"],   "198.51.100.7"),
            (&["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            (&[" 2001:db8::7 "],               "2001:db8::7"),
            (&["198.51.100.7, unknown"],       "192.0.2.1"),
            (&[""],                            "192.0.2.1"),
            (&[],                              "192.0.2.1"),
        ];
        for (headers, expected) in table {
            assert_eq!(peer(true, headers), expected, "{headers:?}");
        }
    }
}
