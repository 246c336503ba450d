//! Access tokens that are not ours, or no longer: each is refused like the next, so that nobody learns why.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64ct::{Base64UrlUnpadded, Encoding};
use iwrs::client::Reply;
use iwrs_tests::app::{TOKEN_SEED, TestApp};
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};

/// A token in its parts.
struct Token {
    header: Value,
    claims: Value,
}

impl Token {
    fn of(client: &Client) -> Self {
        let token = client.0.token.clone().expect("a token");
        let parts: Vec<Value> = token.split('.').take(2).map(read).collect();
        Self { header: parts[0].clone(), claims: parts[1].clone() }
    }

    /// The same with one claim set, or taken away by a null.
    fn claim(&self, name: &str, value: Value) -> Self {
        Self { header: self.header.clone(), claims: with(&self.claims, name, value) }
    }

    fn header(&self, name: &str, value: Value) -> Self {
        Self { header: with(&self.header, name, value), claims: self.claims.clone() }
    }

    fn message(&self) -> String {
        let part = |json: &Value| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
        format!("{}.{}", part(&self.header), part(&self.claims))
    }

    fn signed(&self, seed: [u8; 32]) -> String {
        let message = self.message();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a key");
        format!("{message}.{}", Base64UrlUnpadded::encode_string(pair.sign(message.as_bytes()).as_ref()))
    }

    /// The oldest trick: the public key as a shared secret.
    fn hmac_with_the_public_key(&self) -> String {
        let message = self.message();
        let pair = Ed25519KeyPair::from_seed_unchecked(&TOKEN_SEED).expect("a key");
        let key = hmac::Key::new(hmac::HMAC_SHA256, pair.public_key().as_ref());
        let tag = hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", Base64UrlUnpadded::encode_string(tag.as_ref()))
    }
}

fn read(part: &str) -> Value {
    let bytes = Base64UrlUnpadded::decode_vec(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn with(json: &Value, name: &str, value: Value) -> Value {
    let mut json = json.clone();
    match value {
        Value::Null => drop(json.as_object_mut().expect("an object").remove(name)),
        value => json[name] = value,
    }
    json
}

fn me(app: &TestApp, token: &str) -> Reply {
    let mut client = app.anonymous();
    client.0.token = Some(token.to_owned());
    client.get("/me")
}

#[test]
fn usr_08_a_token_that_is_not_ours_is_refused_whatever_is_wrong_with_it() {
    let app = TestApp::imodals();
    let good = Token::of(&app.person("monitor"));
    let now = good.claims["iat"].as_i64().expect("seconds");
    assert_eq!(me(&app, &good.signed(TOKEN_SEED)).status, 200, "the token that is distorted below is good");
    let none = good.header("alg", json!("none"));
    let past = good.claim("iat", json!(now - 9000)).claim("nbf", json!(now - 9000));
    let future = good.claim("iat", json!(now + 60)).claim("nbf", json!(now + 60));
    let mut table = vec![
        ("no algorithm, no signature", format!("{}.", none.message())),
        ("no algorithm, our signature", none.signed(TOKEN_SEED)),
        ("HS256 with the public key", good.header("alg", json!("HS256")).hmac_with_the_public_key()),
        ("HMAC under our own header", good.hmac_with_the_public_key()),
        ("another type", good.header("typ", json!("JWT")).signed(TOKEN_SEED)),
        ("no type", good.header("typ", Value::Null).signed(TOKEN_SEED)),
        ("another key's name", good.header("kid", json!("another")).signed(TOKEN_SEED)),
        ("a key in the header", good.header("jwk", json!({ "kty": "OKP" })).signed(TOKEN_SEED)),
        ("another installation's key", good.signed([9; 32])),
        ("expired", past.claim("exp", json!(now - 60)).signed(TOKEN_SEED)),
        ("not valid yet", future.signed(TOKEN_SEED)),
        ("an end in words", good.claim("exp", json!((now + 600).to_string())).signed(TOKEN_SEED)),
        ("an end in fractions", good.claim("exp", json!(600.5)).signed(TOKEN_SEED)),
        ("a session that never was", good.claim("sid", json!("never")).signed(TOKEN_SEED)),
        ("another person's name", good.claim("sub", json!("statistician")).signed(TOKEN_SEED)),
        ("one more claim", good.claim("role", json!("administrator")).signed(TOKEN_SEED)),
        ("another audience", good.claim("aud", json!("elsewhere")).signed(TOKEN_SEED)),
        ("two audiences", good.claim("aud", json!(["iwrs-api", "elsewhere"])).signed(TOKEN_SEED)),
        ("another issuer", good.claim("iss", json!("elsewhere")).signed(TOKEN_SEED)),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
    ];
    for missing in ["aud", "iss", "exp", "nbf", "iat", "sub", "sid"] {
        table.push((missing, good.claim(missing, Value::Null).signed(TOKEN_SEED)));
    }
    assert_all_alike(&app, &table);
}

/// 401 for each of them, and the very same words.
fn assert_all_alike(app: &TestApp, table: &[(&str, String)]) {
    let first = app.anonymous().get("/me");
    assert_eq!(first.problem(401), "not-authenticated");
    for (what, token) in table {
        let reply = me(app, token);
        assert_eq!((reply.status, &reply.body), (401, &first.body), "{what}");
    }
}

#[test]
fn usr_08_what_has_ended_has_ended_at_the_next_request() {
    let app = TestApp::imodals();
    let leaving = app.add_person("leaving", "monitor", None);
    let subjects = app.path("/subjects");
    leaving.get(&subjects).expect(200);
    let users = app.person("admin").get("/users").expect(200);
    let user = users["users"].as_array().expect("users").iter().find(|user| user["id"] == "leaving");
    let grant = user.expect("the person")["grants"][0]["id"].as_str().expect("an id").to_owned();
    let revocation = format!("/users/leaving/grants/{grant}/revocation");
    app.person("admin").post(&revocation, &json!({ "reason": "has left" })).expect(201);
    assert_eq!(leaving.get(&subjects).problem(404), "not-found", "the token is good, the right is gone");
    leaving.get("/me").expect(200);
    leaving.send("DELETE", "/session", None, &[]).expect(204);
    let token = leaving.0.token.clone().expect("a token");
    assert_all_alike(&app, &[("a session that was ended", token)]);
    let reset = app.add_person("reset", "monitor", None);
    app.person("admin").post("/users/reset/reset", &json!({})).expect(201);
    let token = reset.0.token.clone().expect("a token");
    assert_all_alike(&app, &[("a session of before a reset", token)]);
}
