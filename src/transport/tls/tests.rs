//! Two ends in memory that talk TLS to each other.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::rc::Rc;

use bytes::Bytes;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::{Connection, HandshakeKind, ProtocolVersion};

use super::config::{Common, Config, Identity, Particulars, ServerOptions};
use super::{Agreed, Octets, Progress, Tls, names};
use crate::transport::Transport;
use crate::transport::socket::{READ_SIZE, ReadSpace};

/// One direction of a connection.
#[derive(Debug, Default)]
struct Pipe {
    octets: VecDeque<u8>,
    ended: bool,
    broken: bool,
}

/// An end: reads at most `step` octets at once, and takes as many as fit `room`.
#[derive(Debug)]
struct End {
    from: Rc<RefCell<Pipe>>,
    to: Rc<RefCell<Pipe>>,
    step: usize,
    room: usize,
}

impl Octets for End {
    fn receive(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut from = self.from.borrow_mut();
        let length = room.len().min(self.step).min(from.octets.len());
        if length == 0 && !from.ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        for (octet, taken) in room.iter_mut().zip(from.octets.drain(..length)) {
            *octet = taken;
        }
        Ok(length)
    }
}

impl Write for End {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut to = self.to.borrow_mut();
        if to.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let length = octets.len().min(self.room.saturating_sub(to.octets.len()));
        if length == 0 && !octets.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        to.octets.extend(&octets[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every read gets memory of its own.
#[derive(Debug)]
struct Heap;

impl ReadSpace for Heap {
    fn receive(&mut self, read: &mut dyn FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes> {
        let mut room = vec![0; READ_SIZE];
        let filled = read(&mut room)?;
        room.truncate(filled);
        Ok(room.into())
    }
}

type Side = Tls<End>;

/// How the ends are joined.
#[derive(Clone, Copy)]
struct Joint {
    step: usize,
    room: usize,
}

const SMOOTH: Joint = Joint { step: usize::MAX, room: usize::MAX };

fn join(client: &Rc<Config>, server: &Rc<Config>, particulars: Particulars, joint: Joint) -> (Side, Side) {
    join_as(client, particulars, server, Particulars::default(), joint)
}

fn join_as(
    client: &Rc<Config>,
    of_client: Particulars,
    server: &Rc<Config>,
    of_server: Particulars,
    Joint { step, room }: Joint,
) -> (Side, Side) {
    let (up, down) = (Rc::new(RefCell::new(Pipe::default())), Rc::new(RefCell::new(Pipe::default())));
    let near = End { from: down.clone(), to: up.clone(), step, room };
    let far = End { from: up, to: down, step, room };
    let space: Rc<RefCell<dyn ReadSpace>> = Rc::new(RefCell::new(Heap));
    let client = Tls::new(client.clone(), of_client, near, space.clone()).unwrap();
    let server = Tls::new(server.clone(), of_server, far, space).unwrap();
    (client, server)
}

fn named(name: &str) -> Particulars {
    Particulars { server_name: Some(name.to_owned()), ..Particulars::default() }
}

/// Goes on with both handshakes until neither can.
fn shake(client: &mut Side, server: &mut Side) -> (Progress, Progress) {
    let (mut near, mut far) = (Progress::Pending, Progress::Pending);
    // More rounds than a handshake takes, octet by octet.
    for _ in 0..5000 {
        for (side, progress) in [(&mut *client, &mut near), (&mut *server, &mut far)] {
            match progress {
                Progress::Pending => *progress = side.handshake().unwrap(),
                Progress::Done => drop(side.flush()),
                _ => {}
            }
        }
        if near != Progress::Pending && far != Progress::Pending && client.is_drained() && server.is_drained() {
            break;
        }
    }
    (near, far)
}

/// Sends `body` and reads it at the other end, as far as the joint lets it.
fn carry(from: &mut Side, to: &mut Side, body: &[u8]) -> Vec<u8> {
    let (mut sent, mut received) = (0, Vec::new());
    while received.len() < body.len() {
        while sent < body.len() {
            // In odd pieces, and several at once.
            let rest = &body[sent..];
            let (first, second) = rest.split_at(rest.len().min(9));
            let slices = [io::IoSlice::new(first), io::IoSlice::new(&second[..second.len().min(70_000)])];
            match from.write_vectored(&slices) {
                Ok(written) => sent += written,
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                    break;
                }
            }
        }
        let _ = from.flush();
        drain(to, &mut received);
    }
    received
}

/// Reads what there is. True at the end.
fn drain(side: &mut Side, into: &mut Vec<u8>) -> bool {
    loop {
        match side.read() {
            Ok(Some(bytes)) => into.extend_from_slice(&bytes),
            Ok(None) => return true,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                return false;
            }
        }
    }
}

fn body(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

// --- Certificates ---

/// An authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
}

impl Authority {
    fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// One below, with the certificate changed by `change`.
    fn below(&self, name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Authority(CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap())
    }

    fn identity(&self, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let (params, key) = leaf(change);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity { chain: vec![certificate.der().clone()], key: key.serialize_der() }
    }
}

fn leaf(change: impl FnOnce(&mut CertificateParams)) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
    change(&mut params);
    (params, KeyPair::generate().unwrap())
}

fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let (params, key) = leaf(change);
    let certificate = params.self_signed(&key).unwrap();
    Identity { chain: vec![certificate.der().clone()], key: key.serialize_der() }
}

fn common(identities: Vec<Identity>, roots: Vec<CertificateDer<'static>>) -> Common {
    Common {
        identities,
        roots,
        partial_chain: false,
        reject_unauthorized: true,
        alpn: vec![b"h2".to_vec()],
        versions: names::versions("TLSv1.2", "TLSv1.3").unwrap(),
        cipher_suites: None,
        groups: None,
        keylog: false,
    }
}

const OPTIONS: ServerOptions =
    ServerOptions { request_certificate: false, names: true, own_order: true, tickets: true };

fn server(common: Common) -> Rc<Config> {
    Rc::new(Config::server(common, &OPTIONS).unwrap())
}

fn client(common: Common) -> Rc<Config> {
    Rc::new(Config::client(common, Resumption::in_memory_sessions(8)).unwrap())
}

/// A client and a server that trust each other, at one version.
fn pair_of(version: &str) -> (Rc<Config>, Rc<Config>) {
    let identity = self_signed(|_| {});
    let roots = identity.chain.clone();
    let versions = names::versions(version, version).unwrap();
    (client(Common { versions, ..common(vec![], roots) }), server(common(vec![identity], vec![])))
}

const VERSIONS: [&str; 2] = ["TLSv1.2", "TLSv1.3"];

// --- The layer ---

#[test]
fn carries_both_ways_however_the_octets_are_cut() {
    for version in VERSIONS {
        let (near, far) = pair_of(version);
        for (step, room, length) in
            [(1, usize::MAX, 3000), (2, 7, 3000), (700, 900, 100_000), (20_000, 20_000, 700_000)]
        {
            let (mut client, mut server) = join(&near, &far, named("localhost"), Joint { step, room });
            assert_eq!(shake(&mut client, &mut server), (Progress::Done, Progress::Done), "{version} by {step}");
            let body = body(length);
            assert!(carry(&mut client, &mut server, &body) == body, "{version} by {step}, up");
            assert!(carry(&mut server, &mut client, &body) == body, "{version} by {step}, down");
            client.close();
            let ended = (0..100).any(|_| {
                let _ = client.flush();
                drain(&mut server, &mut Vec::new())
            });
            assert!(ended && server.is_ended());
        }
    }
}

#[test]
fn what_comes_with_the_end_of_the_handshake_is_not_lost() {
    for version in VERSIONS {
        let (near, far) = pair_of(version);
        let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
        while client.handshake().unwrap() == Progress::Pending {
            server.handshake().unwrap();
            let _ = server.flush();
        }
        client.write_all(b"early").unwrap();
        client.flush().unwrap();
        assert_eq!(server.handshake().unwrap(), Progress::Done);
        let mut received = Vec::new();
        drain(&mut server, &mut received);
        assert_eq!(received, b"early");
    }
}

#[test]
fn a_client_keeps_its_finished_until_it_is_flushed() {
    let (near, far) = pair_of("TLSv1.3");
    let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
    while client.handshake().unwrap() == Progress::Pending {
        server.handshake().unwrap();
    }
    assert_eq!(server.handshake().unwrap(), Progress::Pending);
    client.flush().unwrap();
    assert_eq!(server.handshake().unwrap(), Progress::Done);
}

#[test]
fn agrees_on_what_both_have() {
    for (version, number) in VERSIONS.into_iter().zip([ProtocolVersion::TLSv1_2, ProtocolVersion::TLSv1_3]) {
        let (near, far) = pair_of(version);
        let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
        shake(&mut client, &mut server);
        let (near, far) = (client.agreed(), server.agreed());
        assert_eq!((near.version, far.version), (Some(number), Some(number)));
        assert_eq!(near.alpn.as_deref(), Some(&b"h2"[..]));
        assert_eq!((near.cipher_suite, near.group), (far.cipher_suite, far.group));
        assert_eq!((near.server_name, far.server_name.as_deref()), (None, Some("localhost")));
        assert_eq!((near.peer.len(), near.fault), (1, None));
        assert_eq!((far.peer.len(), far.fault), (0, None));
        let of_client = client.export_keying_material(32, b"label", Some(b"context")).unwrap();
        assert_eq!(server.export_keying_material(32, b"label", Some(b"context")), Some(of_client));
        assert_eq!(server.export_keying_material(0, b"label", None), None);
    }
}

#[test]
fn no_protocol_in_common_fails_on_both_sides() {
    let (near, far) = pair_of("TLSv1.3");
    let particulars = Particulars { alpn: Some(vec![b"h9".to_vec()]), ..named("localhost") };
    let (mut client, mut server) = join(&near, &far, particulars, SMOOTH);
    let (Progress::Failed(near), Progress::Failed(far)) = shake(&mut client, &mut server) else { panic!() };
    assert_eq!((far.reason, far.received), ("no application protocol", None));
    assert_eq!((near.reason, near.received), ("tlsv1 alert no application protocol", Some(120)));
}

#[test]
fn a_server_that_is_not_read_is_bounded() {
    let (near, far) = pair_of("TLSv1.3");
    let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
    shake(&mut client, &mut server);
    server.under.room = 0;
    let block = body(100_000);
    let mut taken = 0;
    loop {
        match server.write(&block) {
            Ok(written) => taken += written,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                break;
            }
        }
    }
    assert!(!server.is_drained());
    assert!(taken <= super::RECORDS_LIMIT);
    server.under.room = usize::MAX;
    server.flush().unwrap();
    assert!(server.is_drained());
    let mut received = Vec::new();
    drain(&mut client, &mut received);
    assert_eq!(received.len(), taken);
}

#[test]
fn records_that_reading_could_not_send_are_left_to_a_flush() {
    let (near, far) = pair_of("TLSv1.3");
    let (mut client, mut server) = join(&near, &far, named("localhost"), Joint { step: usize::MAX, room: 60_000 });
    shake(&mut client, &mut server);
    while server.write(&body(20_000)).is_ok() {}
    assert!(!server.is_drained() && !server.wants_flush(), "it waits for room, of which the socket will tell");
    client.write_all(b"last words").unwrap();
    client.flush().unwrap();
    server.under.to.borrow_mut().broken = true;
    assert_eq!(server.read().unwrap().unwrap(), "last words");
    assert!(server.wants_flush(), "nobody else would look after them");
    assert_eq!(server.flush().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn the_end_comes_after_what_was_sent_before_it() {
    for with_notice in [true, false] {
        let (near, far) = pair_of("TLSv1.3");
        let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
        shake(&mut client, &mut server);
        client.write_all(b"last words").unwrap();
        if with_notice {
            client.close();
        }
        client.flush().unwrap();
        client.under.to.borrow_mut().ended = true;
        let mut received = Vec::new();
        assert!(drain(&mut server, &mut received));
        assert_eq!(received, b"last words");
        assert!(server.read().unwrap().is_none());
    }
}

#[test]
fn a_record_that_was_tampered_with_is_an_error_after_what_was_good() {
    for version in VERSIONS {
        let (near, far) = pair_of(version);
        let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
        shake(&mut client, &mut server);
        client.write_all(b"good").unwrap();
        client.flush().unwrap();
        let good = client.under.to.borrow().octets.len();
        client.write_all(b"bad").unwrap();
        client.flush().unwrap();
        client.under.to.borrow_mut().octets[good + 10] ^= 1;
        assert_eq!(server.read().unwrap().unwrap(), "good");
        for _ in 0..2 {
            assert_eq!(server.read().unwrap_err().kind(), io::ErrorKind::InvalidData);
            assert_eq!(server.write(b"x").unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
        let error = client.read().unwrap_err();
        assert_eq!(error.to_string().split(" (").next(), Some("sslv3 alert bad record mac"));
    }
}

#[test]
fn a_close_notify_ends_a_handshake() {
    let (near, far) = pair_of("TLSv1.3");
    let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
    assert_eq!(client.handshake().unwrap(), Progress::Pending);
    assert_eq!(server.handshake().unwrap(), Progress::Pending);
    client.under.to.borrow_mut().octets.extend([21, 3, 3, 0, 2, 1, 0]);
    assert_eq!(server.handshake().unwrap(), Progress::Ended);
}

#[test]
fn noise_is_a_failure_and_no_more() {
    let (near, far) = pair_of("TLSv1.3");
    let mut state: u32 = 7;
    for length in 1..200 {
        let (client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
        let noise = (0..length).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        client.under.to.borrow_mut().octets.extend(noise);
        client.under.to.borrow_mut().ended = true;
        assert_ne!(server.handshake().unwrap(), Progress::Done);
    }
}

// --- Resumption ---

fn resumes(near: &Rc<Config>, far: &Rc<Config>, particulars: Particulars) -> bool {
    let (mut client, mut server) = join(near, far, particulars, SMOOTH);
    assert_eq!(shake(&mut client, &mut server), (Progress::Done, Progress::Done));
    // The server's tickets.
    drain(&mut client, &mut Vec::new());
    assert_eq!(client.connection.handshake_kind(), server.connection.handshake_kind());
    let Agreed { resumed, peer, fault, .. } = client.agreed();
    assert_eq!((peer.len(), fault), (1, None), "known in any case");
    assert_eq!(resumed, client.connection.handshake_kind() == Some(HandshakeKind::Resumed));
    resumed
}

#[test]
fn sessions_are_resumed_by_those_who_have_them() {
    for version in VERSIONS {
        let identity = self_signed(|_| {});
        let roots = identity.chain.clone();
        let versions = names::versions(version, version).unwrap();
        let near = client(Common { versions: versions.clone(), ..common(vec![], roots.clone()) });
        let other = client(Common { versions, ..common(vec![], roots) });
        let far = server(common(vec![identity], vec![]));
        assert!(!resumes(&near, &far, named("one.test")));
        assert!(resumes(&near, &far, named("one.test")), "{version}");
        assert!(!resumes(&near, &far, named("two.test")), "another name");
        assert!(!resumes(&other, &far, named("one.test")), "another client");
    }
}

#[test]
fn a_session_that_goes_on_gets_no_tickets() {
    let (near, far) = pair_of("TLSv1.3");
    for (kind, tickets) in [(HandshakeKind::Full, 2), (HandshakeKind::Resumed, 0)] {
        let asking = Particulars { asks_to_resume: true, ..Particulars::default() };
        let (mut client, mut server) = join_as(&near, named("localhost"), &far, asking, SMOOTH);
        shake(&mut client, &mut server);
        drain(&mut client, &mut Vec::new());
        assert_eq!(server.connection.handshake_kind(), Some(kind));
        let Connection::Client(client) = &client.connection else { unreachable!() };
        assert_eq!(client.tls13_tickets_received(), tickets);
    }
}

#[test]
fn a_server_without_tickets_resumes_nothing_nor_does_another_of_the_same_certificate() {
    for version in VERSIONS {
        let (near, _) = pair_of(version);
        let make = |tickets| {
            let identity = self_signed(|_| {});
            let versions = names::versions("TLSv1.2", "TLSv1.3").unwrap();
            let common = Common { versions, ..common(vec![identity], vec![]) };
            Rc::new(Config::server(common, &ServerOptions { tickets, ..OPTIONS }).unwrap())
        };
        let without = make(false);
        let shaken = |far: &Rc<Config>| {
            let (mut client, mut server) = join(&near, far, named("localhost"), SMOOTH);
            shake(&mut client, &mut server);
            drain(&mut client, &mut Vec::new());
            client.agreed().resumed
        };
        assert!(!shaken(&without) && !shaken(&without));
        let (first, second) = (make(true), make(true));
        assert!(!shaken(&first));
        assert!(!shaken(&second));
        assert!(shaken(&second));
    }
}

// --- Certificates ---

fn verdict(identity: Identity, roots: Vec<CertificateDer<'static>>, partial_chain: bool) -> Option<&'static str> {
    let far = server(common(vec![identity], vec![]));
    let near = client(Common { partial_chain, ..common(vec![], roots) });
    let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
    assert_eq!(shake(&mut client, &mut server), (Progress::Done, Progress::Done));
    client.agreed().fault
}

#[test]
fn chains_get_the_verdicts_of_openssl() {
    let root = authority("root");
    let between = root.below("between");
    let stranger = authority("stranger");
    let chained = || {
        let mut identity = between.identity(|_| {});
        identity.chain.push(between.der());
        identity
    };
    let with_root = || {
        let mut identity = chained();
        identity.chain.push(root.der());
        identity
    };
    let trusted = vec![root.der()];
    assert_eq!(verdict(root.identity(|_| {}), trusted.clone(), false), None);
    assert_eq!(verdict(chained(), trusted.clone(), false), None);
    assert_eq!(verdict(with_root(), trusted.clone(), false), None);
    assert_eq!(verdict(between.identity(|_| {}), vec![root.der(), between.der()], false), None, "ours in between");

    let strange = vec![stranger.der()];
    assert_eq!(verdict(root.identity(|_| {}), strange.clone(), false), Some("UNABLE_TO_VERIFY_LEAF_SIGNATURE"));
    assert_eq!(verdict(chained(), strange.clone(), false), Some("UNABLE_TO_GET_ISSUER_CERT_LOCALLY"));
    assert_eq!(verdict(with_root(), strange.clone(), false), Some("SELF_SIGNED_CERT_IN_CHAIN"));
    assert_eq!(verdict(self_signed(|_| {}), strange, false), Some("DEPTH_ZERO_SELF_SIGNED_CERT"));
    assert_eq!(verdict(self_signed(|_| {}), vec![], false), Some("DEPTH_ZERO_SELF_SIGNED_CERT"));

    let partly = vec![between.der()];
    assert_eq!(verdict(chained(), partly.clone(), false), Some("UNABLE_TO_GET_ISSUER_CERT"));
    assert_eq!(verdict(chained(), partly, true), None);

    let expired = |params: &mut CertificateParams| params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let early = |params: &mut CertificateParams| params.not_before = rcgen::date_time_ymd(2999, 1, 1);
    assert_eq!(verdict(root.identity(expired), trusted.clone(), false), Some("CERT_HAS_EXPIRED"));
    assert_eq!(verdict(root.identity(early), trusted.clone(), false), Some("CERT_NOT_YET_VALID"));
    assert_eq!(verdict(self_signed(expired), vec![], false), Some("CERT_HAS_EXPIRED"));
    let old = self_signed(expired);
    let itself = old.chain.clone();
    assert_eq!(verdict(old, itself, false), Some("CERT_HAS_EXPIRED"));

    let for_clients = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    };
    assert_eq!(verdict(root.identity(for_clients), trusted.clone(), false), Some("INVALID_PURPOSE"));
    let for_signing = |params: &mut CertificateParams| params.key_usages = vec![KeyUsagePurpose::CrlSign];
    assert_eq!(verdict(root.identity(for_signing), trusted, false), Some("INVALID_PURPOSE"));
}

#[test]
fn an_authority_may_be_a_server_and_a_server_no_authority() {
    let root = authority("root");
    let as_authority = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    };
    assert_eq!(verdict(root.identity(as_authority), vec![root.der()], false), None);
    let impostor = authority("root");
    let fault = Some("CERT_REJECTED");
    assert_eq!(verdict(impostor.identity(as_authority), vec![root.der()], false), fault);

    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "no authority");
    params.is_ca = IsCa::ExplicitNoCa;
    let key = KeyPair::generate().unwrap();
    let none = Authority(CertifiedIssuer::self_signed(params, key).unwrap());
    assert_eq!(verdict(none.identity(|_| {}), vec![none.der()], false), Some("INVALID_CA"));
}

#[test]
fn an_authority_of_the_same_name_is_no_authority() {
    let (root, impostor) = (authority("root"), authority("root"));
    assert_eq!(verdict(impostor.identity(|_| {}), vec![root.der()], false), Some("CERT_SIGNATURE_FAILURE"));
}

#[test]
fn a_self_signed_authority_that_is_trusted_may_be_a_server() {
    let identity = self_signed(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    let roots = identity.chain.clone();
    assert_eq!(verdict(identity, roots, false), None);
}

#[test]
fn clients_show_certificates_where_they_are_asked_to() {
    let root = authority("root");
    let identity = || self_signed(|_| {});
    for version in VERSIONS {
        for (required, shown, trusted) in
            [(true, true, true), (true, true, false), (true, false, true), (false, true, false), (false, false, true)]
        {
            let ours = identity();
            let roots = ours.chain.clone();
            let options = ServerOptions { request_certificate: true, ..OPTIONS };
            let trust = if trusted { root.der() } else { authority("stranger").der() };
            let far = Common { reject_unauthorized: required, ..common(vec![ours], vec![trust]) };
            let far = Rc::new(Config::server(far, &options).unwrap());
            let shows = if shown { vec![root.identity(|_| {})] } else { vec![] };
            let versions = names::versions(version, version).unwrap();
            let near = client(Common { versions, ..common(shows, roots) });
            let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
            let (_, far) = shake(&mut client, &mut server);
            if required && !shown {
                let Progress::Failed(failure) = far else { panic!("{far:?}") };
                assert_eq!(failure.reason, "peer did not return a certificate");
                let mut told = client.read();
                if let Ok(None) = told {
                    told = client.read();
                }
                // RFC 5246 has no other alert for it; RFC 8446 has.
                let (number, reason) = match version {
                    "TLSv1.2" => (40, "sslv3 alert handshake failure"),
                    _ => (116, "tlsv13 alert certificate required"),
                };
                let failure = client.failure.clone().unwrap();
                assert_eq!((failure.received, failure.reason), (Some(number), reason), "{told:?}");
                continue;
            }
            assert_eq!(far, Progress::Done);
            let agreed = server.agreed();
            assert_eq!(agreed.peer.len(), usize::from(shown));
            let fault = (shown && !trusted).then_some("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
            assert_eq!(agreed.fault, fault, "{version} {required} {shown} {trusted}");
        }
    }
}

#[test]
fn the_certificate_that_the_peer_can_read_is_shown() {
    let ecdsa = self_signed(|_| {});
    let (params, _) = leaf(|_| {});
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let ed25519 = Identity { chain: vec![certificate.der().clone()], key: key.serialize_der() };
    let roots = [&ecdsa.chain[..], &ed25519.chain[..]].concat();
    let far = server(common(vec![ed25519, ecdsa], vec![]));
    let near = client(common(vec![], roots.clone()));
    let (mut client, mut server) = join(&near, &far, named("localhost"), SMOOTH);
    shake(&mut client, &mut server);
    // A client of rustls prefers ECDSA.
    assert_eq!(client.agreed().peer, [roots[0].clone()]);
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (one, other) = (self_signed(|_| {}), self_signed(|_| {}));
    let mixed = Identity { chain: one.chain, key: other.key };
    assert!(Config::server(common(vec![mixed], vec![]), &OPTIONS).is_err());
    let broken = Identity { chain: vec![], key: b"no key".to_vec() };
    assert!(Config::client(common(vec![broken], vec![]), Resumption::disabled()).is_err());
}
