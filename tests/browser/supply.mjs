// How a batch comes to be used and a shipment to the shelf, step by step, each by the role whose it is. What one of them
// finds out and the next needs is kept under the name of the batch.

import assert from "node:assert/strict";
import { createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from "node:crypto";
import fs from "node:fs/promises";
import { fill, passphrase, press } from "./people.mjs";

const CODES = ["KUNZITE-3358", "SUGILITE-9127", "LARIMAR-4406"];
const EVIDENCE = "0123456789abcdef".repeat(4);

// The packager is played: a key of age that everybody knows.
const RECIPIENT = "age1pxzectze7f4muumdkemd6ppwuzx3vwknk9tk5wmlnlnnt9yhtdfqy8kn3m";
const SECRET = "29e42aa5ba08281736e523102e18f922b7db058d65b6156e6033bc8cfd64824b";

const packed = new Map();
const unseen = async () => {};

const ofBatch = (demo, batch, rest) => `${demo.study}/supply/batches/${batch}${rest}`;

// The supply manager: a batch that would tell its kits apart is refused, one that does not is registered, its list leaves
// as a file, and what the packager sends back is recorded.
export async function register(page, demo, batch, see = unseen) {
    await page.goto(`${demo.study}/supply`);
    await page.click("main .links a[href$='/batches/new']");
    const contents = (at, carton) => Object.entries({
        kit_type: CODES[at], kits: "12", lot: `TRUE-${at}`, expiry: "2031-03-31", visible: `pack: ${carton}`,
    }).map(([name, value]) => [`contents.${at}.${name}`, value]);
    const all = (cartons) => Object.fromEntries([
        ["batch", batch], ["label_expiry", "2031-03-31"], ...cartons.flatMap((carton, at) => contents(at, carton)),
    ]);
    await fill(page, all(["white", "white", "blue"]));
    await press(page);
    await page.waitForSelector(".trouble");
    await see("register-told-apart");
    await fill(page, all(["white", "white", "white"]));
    await press(page);
    await page.waitForURL(/done=registered/);
    await see("registered");
    await page.goto(ofBatch(demo, batch, "/packaging-list"));
    await fill(page, { recipient: "the packager", recipient_key: RECIPIENT });
    const left = page.waitForEvent("download");
    await press(page);
    packed.set(batch, opened(await fs.readFile(await (await left).path(), "utf8")));
    await page.goto(ofBatch(demo, batch, "/packing"));
    await fill(page, { packed: packed.get(batch) });
    await press(page);
    await page.waitForURL(/done=packed/);
    await see("packed");
}

// The reviewer, as the second unblinded person: a sample of the kits is opened.
export async function check(page, demo, batch, see = unseen) {
    await page.goto(ofBatch(demo, batch, "/packing"));
    await page.click("main .links a[href$='/sample']");
    const lines = new Map(packed.get(batch).split("\n").map((line) => line.split(",")));
    const numbers = await page.$$eval("main [name$=kit_number]", (all) => all.map((input) => input.value));
    const found = numbers.map((number, at) => [`found.${at}.kit_type`, lines.get(number)]);
    await fill(page, { ...Object.fromEntries(found), password: passphrase("reviewer") });
    await see("sample");
    await press(page);
    await page.waitForURL(/done=sample_passed/);
}

// The quality role certifies, the supply manager releases.
export const certify = (page, demo, batch, see) => step(page, demo, batch, "certification", "quality", see);
export const release = (page, demo, batch, see) => step(page, demo, batch, "release", "supply", see);

async function step(page, demo, batch, rest, who, see = unseen) {
    await page.goto(ofBatch(demo, batch, ""));
    await page.click(`main .links a[href$='/${rest}']`);
    await page.selectOption("main [name=country]", "FR");
    await fill(page, { password: passphrase(who) });
    await see(rest);
    await press(page);
    await page.waitForURL(/done=(certified|released)/);
    await see(`${rest}-signed`);
}

// The depot: a shipment to the site, from the request to the dispatch.
export async function send(page, demo, _batch, see = unseen) {
    await page.goto(`${demo.study}/shipments`);
    await page.click("main .links a[href$='/shipments/new']");
    await fill(page, { groups: "1" });
    await press(page);
    await page.waitForSelector(".trouble");
    await see("request-nowhere");
    await page.selectOption("main [name=to_site]", "34-001");
    await press(page);
    await page.waitForURL(/done=picked/);
    await see("picked");
    await page.click("main .links a[href$='/dispatch']");
    const kits = (await page.textContent("main dl")).match(/\d{4}\s\d{3}\s\d{3}/g);
    assert.equal(kits.length, 36);
    await fill(page, { kits: kits.join("\n") });
    await see("packing");
    await press(page);
    await page.waitForURL(/done=dispatched/);
}

// The pharmacist: the kits are scanned, one that is none of the shipment's is told, the others are counted, and it was
// too warm on the way.
export async function receive(page, demo, _batch, see = unseen) {
    await page.goto(`${demo.study}/shipments?shipments.sort=5&shipments.order=down`);
    await page.locator("main tbody a").first().click();
    const kit = await page.locator("input[type=radio][value=received]").first().getAttribute("name");
    await page.locator("[name=scanned]").pressSequentially(`${kit.slice("kit.".length)}\n1234567889\n`);
    // With a script, what is a kit of the shipment is chosen at once, and what is none stays where it was scanned.
    if (await page.isVisible(".tally")) {
        assert.equal(await page.inputValue("[name=scanned]"), "1234567889\n");
        assert.ok(await page.isChecked(`[name="${kit}"][value=received]`));
        assert.match(await page.textContent(".tally"), /\b1 .* 36/);
    }
    await fill(page, { counted: "36" });
    await page.check("[name=excursion]");
    await press(page);
    await page.click(".trouble[role=alert] a[href='#f-scanned']");
    await see("unpacked");
    // The count took it for a kit, so it is asked for again.
    assert.equal(await page.inputValue("[name=counted]"), "");
    await fill(page, { scanned: "", counted: "36" });
    await press(page);
    await page.waitForSelector("dl.confirm");
    await see("unpacked-once-more");
    await press(page);
    await page.waitForURL(/done=received/);
}

// The quality role: what came too warm is given back to the shelf.
export async function decide(page, demo, _batch, see = unseen) {
    await page.goto(`${demo.study}/supply`);
    await page.click("main .links a.main[href$='/quarantine']");
    await see("quarantine");
    await page.click("main tbody a");
    await page.check("[name=disposition][value=release]");
    await fill(page, { evidence_sha256: EVIDENCE, reason: "within the data on stability", password: passphrase("quality") });
    await see("decision");
    await press(page);
    await page.waitForURL(/done=decided/);
    await see("decided");
}

// What was encrypted to the packager (age-encryption.org/v1), of no more than one chunk.
function opened(armour) {
    const file = Buffer.from(armour.split("\n").filter((line) => !line.startsWith("-----")).join(""), "base64");
    const headed = file.indexOf("\n---") + 1;
    const ends = file.indexOf("\n", headed) + 1;
    const [, stanza, body] = file.subarray(0, headed).toString().split("\n");
    const share = Buffer.from(stanza.split(" ")[2], "base64");
    const privateKey = createPrivateKey({ key: der("302e020100300506032b656e04220420", Buffer.from(SECRET, "hex")), format: "der", type: "pkcs8" });
    const publicKey = createPublicKey({ key: der("302a300506032b656e032100", share), format: "der", type: "spki" });
    const own = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);
    const shared = diffieHellman({ privateKey, publicKey });
    const wrap = hkdfSync("sha256", shared, Buffer.concat([share, own]), "age-encryption.org/v1/X25519", 32);
    const fileKey = unseal(wrap, Buffer.alloc(12), Buffer.from(body, "base64"));
    const key = hkdfSync("sha256", fileKey, file.subarray(ends, ends + 16), "payload", 32);
    const last = Buffer.from([...Buffer.alloc(11), 1]);
    return unseal(key, last, file.subarray(ends + 16)).toString();
}

const der = (prefix, raw) => Buffer.concat([Buffer.from(prefix, "hex"), raw]);

function unseal(key, nonce, sealed) {
    const cipher = createDecipheriv("chacha20-poly1305", Buffer.from(key), nonce, { authTagLength: 16 });
    cipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
}
