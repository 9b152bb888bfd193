//! CONNECT, plain and extended.

use crate::support::*;
use http2_rs::wire::{Config, Setting, SettingId};

#[test]
fn a_tunnel_carries_both_ways() {
    let mut pair = Pair::new();
    pair.client.request(fields(&[(":method", "CONNECT"), (":authority", "example.org:443")]), BODY);
    pair.client.write(1, &octets(20));
    pair.run();
    assert_eq!(pair.server.told(), ["1 request :method=CONNECT :authority=example.org:443", "1 data 20"]);
    pair.server.respond(1, "200", BODY);
    pair.server.write(1, &octets(30));
    pair.run();
    assert_eq!(pair.client.told(), ["1 written", "1 response :status=200", "1 data 30"]);
    pair.client.end(1);
    pair.run();
    pair.server.write(1, &octets(10));
    pair.server.end(1);
    pair.run();
    assert_eq!(pair.client.told(), ["1 shutdown", "1 data 10", "1 end", "1 close NO_ERROR"]);
}

#[test]
fn extended_connect_names_its_protocol() {
    let enabled =
        || Config { settings: vec![Setting::new(SettingId::ENABLE_CONNECT_PROTOCOL, 1)], ..Config::default() };
    let mut pair = Pair::with(Config::default(), enabled());
    assert!(pair.client.session.remote_settings().enable_connect_protocol);
    let head = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":path", "/chat"),
        (":authority", "example.org"),
    ];
    pair.client.request(fields(&head), BODY);
    pair.run();
    assert_eq!(
        pair.server.told(),
        ["1 request :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=example.org"]
    );
    pair.server.respond(1, "200", BODY);
    pair.server.write(1, &octets(3));
    pair.client.write(1, &octets(4));
    pair.run();
    assert_eq!(pair.client.body(1).len(), 3);
    assert_eq!(pair.server.body(1).len(), 4);
}
