//! Every way of presenting a token that is not ours, and what is answered.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use super::{Claims, LEEWAY, LIFETIME, OpaqueToken, TokenKeys, TokenRefused};
use crate::entropy::Entropy;
use crate::keys::SecretFile;
use terms::{Moment, SessionId, UserId};

const NOW: i64 = 1_767_600_000;
const OURS: [u8; 32] = [1; 32];

fn at(seconds: i64) -> Moment {
    Moment::parse("2026-01-05T08:00:00.5Z").expect("an instant").plus_seconds(seconds)
}

fn keys() -> TokenKeys {
    let (current, previous) = (SecretFile::from_bytes(OURS), SecretFile::from_bytes([2; 32]));
    TokenKeys::new(&current, Some(&previous)).expect("keys")
}

fn part(json: &Value) -> String {
    Base64UrlUnpadded::encode_string(json.to_string().as_bytes())
}

fn signed(header: &Value, claims: &Value, seed: [u8; 32]) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a key");
    let signature = Base64UrlUnpadded::encode_string(pair.sign(message.as_bytes()).as_ref());
    format!("{message}.{signature}")
}

/// The token with the public key as an HMAC secret: the oldest trick.
fn hmac_with_public_key(header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let pair = Ed25519KeyPair::from_seed_unchecked(&OURS).expect("a key");
    let key = hmac::Key::new(hmac::HMAC_SHA256, pair.public_key().as_ref());
    let tag = Base64UrlUnpadded::encode_string(hmac::sign(&key, message.as_bytes()).as_ref());
    format!("{message}.{tag}")
}

/// The JSON with one field set, or taken away when the value is null.
fn with(json: &Value, field: &str, value: Value) -> Value {
    let mut fields = json.as_object().expect("an object").clone();
    if value.is_null() {
        fields.remove(field)
    } else {
        fields.insert(field.to_owned(), value)
    };
    Value::Object(fields)
}

fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": keys().current.id })
}

fn claims() -> Value {
    json!({
        "iss": "iwrs", "aud": "iwrs-api", "sub": "ada", "sid": "s1",
        "iat": NOW, "nbf": NOW, "exp": NOW + LIFETIME,
    })
}

#[test]
fn a_token_of_ours_tells_user_and_session_until_it_expires() {
    let (user, session) = (UserId::parse("ada").expect("an id"), SessionId::parse("s1").expect("an id"));
    let (token, expires) = keys().issue(&user, &session, at(0)).expect("a token");
    assert_eq!(expires, at(LIFETIME));
    let good = Ok(Claims { user, session });
    let by_hand = signed(&header(), &claims(), OURS);
    assert_eq!(keys().verify(&by_hand, at(0)), good, "the token that the tests below distort is good");
    for (seconds, expected) in [
        (0, good.clone()),
        (-LEEWAY, good.clone()),
        (-LEEWAY - 1, Err(TokenRefused::NotYet)),
        (LIFETIME + LEEWAY - 1, good),
        (LIFETIME + LEEWAY, Err(TokenRefused::Expired)),
        (LIFETIME * 1_000, Err(TokenRefused::Expired)),
    ] {
        assert_eq!(keys().verify(&token, at(seconds)), expected, "{seconds} seconds later");
    }
}

#[test]
fn a_token_of_the_previous_key_is_checked_but_none_is_issued() {
    let (user, session) = (UserId::parse("ada").expect("an id"), SessionId::parse("s1").expect("an id"));
    let before = TokenKeys::new(&SecretFile::from_bytes([2; 32]), None).expect("keys");
    let (token, _) = before.issue(&user, &session, at(0)).expect("a token");
    assert!(keys().verify(&token, at(0)).is_ok());
    let (newer, _) = keys().issue(&user, &session, at(0)).expect("a token");
    assert_eq!(before.verify(&newer, at(0)), Err(TokenRefused::UnknownKey));
}

#[test]
fn a_header_that_is_not_ours_is_refused_whoever_signed() {
    let other_key =
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    #[rustfmt::skip]
    let table = [
        ("alg",      json!("none"),                    TokenRefused::Malformed),
        ("alg",      json!("HS256"),                   TokenRefused::Header),
        ("alg",      json!("ES256"),                   TokenRefused::Header),
        ("alg",      Value::Null,                      TokenRefused::Malformed),
        ("typ",      json!("JWT"),                     TokenRefused::Header),
        ("typ",      json!("AT+JWT"),                  TokenRefused::Header),
        ("typ",      Value::Null,                      TokenRefused::Header),
        ("kid",      json!("0000000000000000"),        TokenRefused::UnknownKey),
        ("kid",      json!("../../../dev/null"),       TokenRefused::UnknownKey),
        ("kid",      Value::Null,                      TokenRefused::UnknownKey),
        ("kid",      json!(keys().previous.expect("a key").id), TokenRefused::Signature),
        ("jwk",      other_key,                        TokenRefused::Header),
        ("jku",      json!("https://example.org/jwks"), TokenRefused::Header),
        ("x5u",      json!("https://example.org/pem"), TokenRefused::Header),
        ("x5c",      json!(["AAAA"]),                  TokenRefused::Header),
        ("crit",     json!(["exp"]),                   TokenRefused::Header),
        ("zip",      json!("DEF"),                     TokenRefused::Header),
        ("whatever", json!(1),                         TokenRefused::Header),
    ];
    for (field, value, expected) in table {
        let token = signed(&with(&header(), field, value.clone()), &claims(), OURS);
        assert_eq!(keys().verify(&token, at(0)), Err(expected), "{field} {value}");
    }
}

#[test]
fn claims_that_are_not_ours_are_refused_though_well_signed() {
    #[rustfmt::skip]
    let table = [
        ("exp",   json!((NOW + LIFETIME).to_string()), TokenRefused::Claims),
        ("exp",   json!(1_767_600_600.0),              TokenRefused::Claims),
        ("exp",   json!(NOW - LEEWAY),                 TokenRefused::Expired),
        ("exp",   json!(-1),                           TokenRefused::Claims),
        ("exp",   json!(u64::MAX),                     TokenRefused::Claims),
        ("exp",   Value::Null,                         TokenRefused::Claims),
        ("nbf",   json!(NOW + LEEWAY + 1),             TokenRefused::NotYet),
        ("nbf",   json!(NOW.to_string()),              TokenRefused::Claims),
        ("nbf",   Value::Null,                         TokenRefused::Claims),
        ("iat",   json!(NOW + LEEWAY + 1),             TokenRefused::NotYet),
        ("iat",   Value::Null,                         TokenRefused::Claims),
        ("iss",   json!("other"),                      TokenRefused::Claims),
        ("iss",   json!(["iwrs"]),                     TokenRefused::Claims),
        ("iss",   Value::Null,                         TokenRefused::Claims),
        ("aud",   json!("other"),                      TokenRefused::Claims),
        ("aud",   json!(["iwrs-api", "other"]),        TokenRefused::Claims),
        ("aud",   Value::Null,                         TokenRefused::Claims),
        ("sub",   json!(""),                           TokenRefused::Claims),
        ("sub",   Value::Null,                         TokenRefused::Claims),
        ("sid",   json!("a b"),                        TokenRefused::Claims),
        ("sid",   Value::Null,                         TokenRefused::Claims),
        ("role",  json!("statistician"),               TokenRefused::Claims),
    ];
    for (field, value, expected) in table {
        let token = signed(&header(), &with(&claims(), field, value.clone()), OURS);
        assert_eq!(keys().verify(&token, at(0)), Err(expected), "{field} {value}");
    }
}

#[test]
fn what_is_forged_or_broken_is_refused() {
    let good = signed(&header(), &claims(), OURS);
    let parts: Vec<&str> = good.split('.').collect();
    let [head, body, signature] = parts[..] else { panic!("three parts") };
    let other_claims = part(&with(&claims(), "sub", json!("eve")));
    let none = part(&with(&header(), "alg", json!("none")));
    let hs256 = with(&header(), "alg", json!("HS256"));
    #[rustfmt::skip]
    let table = [
        ("another key",           signed(&header(), &claims(), [3; 32]),           TokenRefused::Signature),
        ("other claims",          format!("{head}.{other_claims}.{signature}"),    TokenRefused::Signature),
        ("signature cut",         format!("{head}.{body}.{}", &signature[..80]),   TokenRefused::Signature),
        ("no signature",          format!("{head}.{body}."),                       TokenRefused::Signature),
        ("none, unsigned",        format!("{none}.{body}."),                       TokenRefused::Malformed),
        ("public key as secret",  hmac_with_public_key(&hs256, &claims()),         TokenRefused::Header),
        ("same, EdDSA claimed",   hmac_with_public_key(&header(), &claims()),      TokenRefused::Signature),
        ("two signatures",        format!("{good}.{signature}"),                   TokenRefused::Malformed),
        ("two parts",             format!("{head}.{body}"),                        TokenRefused::Malformed),
        ("padding",               format!("{good}="),                              TokenRefused::Malformed),
        ("space before",          format!(" {good}"),                              TokenRefused::Malformed),
        ("no token",              String::new(),                                   TokenRefused::Malformed),
        ("dots",                  "..".to_owned(),                                 TokenRefused::Malformed),
        ("JSON serialization",    json!({ "payload": body }).to_string(),          TokenRefused::Malformed),
        ("not ASCII",             good.replace('.', "․"),                          TokenRefused::Malformed),
    ];
    for (name, token, expected) in table {
        assert_eq!(keys().verify(&token, at(0)), Err(expected), "{name}");
    }
}

#[test]
fn no_single_character_of_a_token_can_be_changed() {
    let good = signed(&header(), &claims(), OURS);
    for (place, letter) in good.char_indices() {
        let mut bytes = good.clone().into_bytes();
        bytes[place] = if letter == 'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(bytes).expect("ASCII");
        assert!(keys().verify(&altered, at(0)).is_err(), "character {place}");
    }
}

#[test]
fn an_opaque_token_is_read_back_and_stored_as_its_digest() {
    let token = OpaqueToken::generate(&Entropy::System).expect("entropy");
    assert_eq!(token.reveal().len(), 43);
    let read = OpaqueToken::parse(token.reveal()).expect("a token");
    assert_eq!(read.digest(), token.digest());
    let other = OpaqueToken::generate(&Entropy::System).expect("entropy");
    assert_ne!(other.digest(), token.digest());
    for bad in
        ["", "x", &token.reveal()[1..], &format!("{}=", token.reveal()), &format!("{}A", token.reveal())]
    {
        assert!(OpaqueToken::parse(bad).is_none(), "{bad}");
    }
}
