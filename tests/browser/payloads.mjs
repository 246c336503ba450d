// What somebody types who means ill, and how it comes to be stored in every field that takes free text.

import assert from "node:assert/strict";
import { act, criteria } from "./people.mjs";

const ADDRESS = "javascript:alert(3)";
const MARKUP = [
    `mark-1 "><script>alert(1)</script><img src=x onerror=alert(2)>`, `'-alert(4)-'`, `<svg onload=alert(5)>`,
    "</textarea></title></style></dialog></template>", `<a href="${ADDRESS}">`, ADDRESS, "{{7*7}}${7*7}<%= 7*7 %>",
    "%3Cscript%3E &lt;script&gt; \\u003cscript\\u003e", "\u202Edesrever\u202C \u2066\u200B\u200D\uFEFF", "=HYPERLINK(1)",
].join(" ");

// Each begins with a mark by which it is found again: one that would be markup, and one of as many bytes as a text may
// have, without a place to break the line.
export const TEXTS = [MARKUP, "mark-2".padEnd(1024, "W")];

// A name may have a hundred characters, none of which turns round what stands beside it.
export const nameOf = (text) => text.slice(0, 100);

const OF_STUDY = "/studies/imodals";
const SITE = "34-001";
const HASH = "0".repeat(64);
// A key whose other half was thrown away.
const RECIPIENT_KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const KIT_TYPES = ["SUGILITE-9127", "KUNZITE-3358", "LARIMAR-4406"];
const YES = Object.fromEntries(criteria().map((criterion) => [criterion, "yes"]));

// One act after the other: who does it, where, what is sent, the action that is signed, and what is known of it
// afterwards. `m` holds what was made so far; `t` is the text, in the field that the act has in its name.
const ACTS = {
    "/users .display_name": {
        by: "admin", at: () => "/users",
        body: (t, m) => ({ login: m.login, display_name: nameOf(t), email: `${m.login}@demo.invalid` }),
        then: (m, { invitation }) => (m.password = invitation.one_time_password),
    },
    "/users/{user}/grants .reason": {
        by: "admin", at: (m) => `/users/${m.login}/grants`, sign: "grant_role",
        body: (t) => ({ role: "investigator", study: "imodals", site: SITE, reason: t }),
    },
    "another role": {
        by: "admin", at: (m) => `/users/${m.login}/grants`, sign: "grant_role",
        body: (t) => ({ role: "pharmacist", study: "imodals", site: SITE, reason: t }),
        then: (m, { grant }) => (m.grant = grant.id),
    },
    "/users/{user}/grants/{grant}/revocation .reason": {
        by: "admin", at: (m) => `/users/${m.login}/grants/${m.grant}/revocation`, body: (t) => ({ reason: t }),
    },
    "/studies/{study}/subjects .duplicate_reason": {
        by: "investigator", at: () => `${OF_STUDY}/subjects`,
        body: (t, m) => ({
            screening_number: m.subject, site: SITE, birth_year: 1960, sex: "female", duplicate_reason: t,
        }),
    },
    "a randomization": {
        by: "investigator", at: (m) => `${OF_STUDY}/subjects/${m.subject}/randomization`, sign: "randomize",
        body: () => ({ consent_date: "2026-01-05", answers: YES }),
    },
    "/studies/{study}/subjects/{subject}/dispensations .reason": {
        by: "pharmacist", at: (m) => `${OF_STUDY}/subjects/${m.subject}/dispensations`,
        body: (t) => ({ visit: "D1", reason: t }),
        then: (m, { dispensation }) => Object.assign(m, { dispensation: dispensation.id, kit: dispensation.kits[0] }),
    },
    "/studies/{study}/dispensations/{id}/replacements .explanation": {
        by: "pharmacist", at: (m) => `${OF_STUDY}/dispensations/${m.dispensation}/replacements`,
        body: (t, m) => ({ kit_number: m.kit, reason: "lost", explanation: t }),
        then: (m, { replacement }) => (m.kit = replacement.kit_number),
    },
    // It is refused, and what was scanned is recorded.
    "a scan of something else": {
        by: "pharmacist", at: (m) => `${OF_STUDY}/dispensations/${m.dispensation}/confirmation`,
        body: (t) => ({ kit_number: t }), refused: /wrong-kit/,
    },
    "a handover": {
        by: "pharmacist", at: (m) => `${OF_STUDY}/dispensations/${m.dispensation}/confirmation`,
        body: (_t, m) => ({ kit_number: m.kit }),
    },
    "/studies/{study}/kit-reconciliations .explanations[].reason": {
        by: "pharmacist", at: () => `${OF_STUDY}/kit-reconciliations`, sign: "sign_kit_reconciliation",
        body: (t, m) => ({ site: SITE, explanations: [{ kit: m.kit, reason: t }] }),
    },
    "/studies/{study}/kits/{number}/return .reason": {
        by: "pharmacist", at: (m) => `${OF_STUDY}/kits/${m.kit}/return`,
        body: (t) => ({ used: 1, unused: 1, missing: 1, reason: t }),
    },
    "a visit": {
        by: "investigator", at: (m) => `${OF_STUDY}/subjects/${m.subject}/visits`,
        body: (_t, m) => ({ visit: "D8", date: m.today }),
    },
    "/studies/{study}/subjects/{subject}/visits .correction_reason": {
        by: "investigator", at: (m) => `${OF_STUDY}/subjects/${m.subject}/visits`,
        body: (t, m) => ({ visit: "D8", date: m.today, correction_reason: t }),
    },
    "a code break": {
        by: "investigator", at: () => `${OF_STUDY}/unblindings`, sign: "unblind",
        body: (_t, m) => ({ screening_number: m.subject, reason: "overdose" }),
        then: (m, { unblinding }) => (m.unblinding = unblinding.id),
    },
    "/studies/{study}/unblindings/{unblinding}/notes .text": {
        by: "investigator", at: (m) => `${OF_STUDY}/unblindings/${m.unblinding}/notes`, body: (t) => ({ text: t }),
    },
    "/studies/{study}/holds .reason": {
        by: "monitor", at: () => `${OF_STUDY}/holds`, body: (t) => ({ on: "dispensing", site: SITE, reason: t }),
        then: (m, { hold }) => (m.hold = hold.id),
    },
    "/studies/{study}/holds/{hold}/release .reason": {
        by: "monitor", at: (m) => `${OF_STUDY}/holds/${m.hold}/release`, body: (t) => ({ reason: t }),
    },
    "a list": {
        by: "statistician", at: () => `${OF_STUDY}/lists`, sign: "generate_list", body: () => ({}),
        then: (m, { list }) => (m.list = list.id),
    },
    "/studies/{study}/lists/{list}/discard .reason": {
        by: "statistician", at: (m) => `${OF_STUDY}/lists/${m.list}/discard`, sign: "discard_list",
        body: (t) => ({ reason: t }),
    },
    "/studies/{study}/kits .contents[].visible.*": {
        by: "supply", at: () => `${OF_STUDY}/kits`,
        body: (t, m) => ({
            batch: m.batch, label_expiry: "2030-12-31",
            contents: KIT_TYPES.map((kit_type) => ({
                kit_type, kits: 2, lot: "<b>LOT</b>", expiry: "2030-12-31", visible: { pack: t.slice(0, 80) },
            })),
        }),
        then: (m, { batch }) => (m.numbers = batch.kits),
    },
    "/studies/{study}/batches/{batch}/packaging-lists .recipient": {
        by: "supply", at: (m) => `${OF_STUDY}/batches/${m.batch}/packaging-lists`,
        body: (t) => ({ recipient: t, recipient_key: RECIPIENT_KEY }),
    },
    "labels": {
        by: "supply", at: (m) => `${OF_STUDY}/batches/${m.batch}/labels`, body: () => ({ language: "en" }),
    },
    "/studies/{study}/batches/{batch}/labels .reason": {
        by: "supply", at: (m) => `${OF_STUDY}/batches/${m.batch}/labels`,
        body: (t) => ({ language: "en", reason: t }),
    },
    "/studies/{study}/batches/{batch}/expiry-shortening .reason": {
        by: "quality", at: (m) => `${OF_STUDY}/batches/${m.batch}/expiry-shortening`, sign: "shorten_expiry",
        body: (t) => ({ label_expiry: "2030-06-30", evidence_sha256: HASH, reason: t }),
    },
    "/studies/{study}/batches/{batch}/expiry-extensions .reason": {
        by: "supply", at: (m) => `${OF_STUDY}/batches/${m.batch}/expiry-extensions`, sign: "propose_extension",
        body: (t) => ({
            label_expiry: "2030-09-30", reason: t,
            lots: KIT_TYPES.map((kit_type) => ({ kit_type, expiry: "2030-12-31" })),
        }),
    },
    "/studies/{study}/batches/{batch}/recall .reason": {
        by: "quality", at: (m) => `${OF_STUDY}/batches/${m.batch}/recall`, sign: "recall_batch",
        body: (t) => ({ evidence_sha256: HASH, reason: t }),
    },
    "a quarantine": {
        by: "pharmacist", at: () => `${OF_STUDY}/quarantines`, body: () => ({ site: SITE, cause: "complaint" }),
    },
    "/studies/{study}/quarantine-decisions .reason": {
        by: "quality", at: () => `${OF_STUDY}/quarantine-decisions`, sign: "decide_quarantine",
        body: (t) => ({ site: SITE, disposition: "release", evidence_sha256: HASH, reason: t }),
    },
    "/studies/{study}/kits/{number}/incidents .reason": {
        by: "pharmacist", at: (m) => `${OF_STUDY}/kits/${m.onShelf}/incidents`,
        body: (t) => ({ incident: "damaged", reason: t }),
    },
};

// What the demo that is served has nothing for: no depot, no alert, no preparation, no recalled lot.
export const OUT_OF_REACH = [
    "/studies/{study}/shipments/{shipment}/cancellation .reason",
    "/studies/{study}/alerts/{alert}/acknowledgement .text",
    "/studies/{study}/subjects/{subject}/units/{unit}/disposal .reason",
    "/studies/{study}/batches/{batch}/lot-recalls .reason",
];

export const WRITTEN = Object.keys(ACTS).filter((field) => field.startsWith("/"));

// Writes the texts into every field, in the name of those who may. Gives what was made of each.
export async function write(demo, shelf) {
    const made = [];
    for (const [place, text] of TEXTS.entries()) {
        const m = {
            login: `mallory-${place}`, subject: `S-60${place}`, batch: `B-ILL-${place}`, onShelf: shelf[place],
            today: new Date().toISOString().slice(0, 10),
        };
        for (const { by, at, body, sign, refused, then } of Object.values(ACTS)) {
            const done = act(demo, by, at(m), body(text, m), sign);
            if (refused) {
                await assert.rejects(done, refused);
            } else {
                const answer = await done;
                then?.(m, answer);
            }
        }
        made.push(m);
    }
    return made;
}

// Names of fields that take nothing but an identifier, a code out of a list, a day, a hash, a key or a secret, and the
// fields of that kind that have a name which elsewhere is that of a free text.
const CLOSED = new Set([
    "answers.*", "batch", "cause", "certificate_sha256", "code", "commitment", "country", "criteria[]", "damaged[]", "depot",
    "disposition", "email", "evidence_sha256", "from_depot", "incident", "kit", "kit_number", "kit_type", "kits[]",
    "language", "login", "lot", "missing[]", "new_password", "old_password", "on", "packed", "password", "preparation",
    "question", "randomization_number", "received[]", "recipient_key", "refresh_token", "role", "screening_number", "session",
    "sex", "shipment", "site", "statement", "statement_sha256", "stops", "strata.*", "study",
    "temperature_record_sha256", "to_depot", "to_site", "token", "unit", "visit", "why", "action", "address",
    "body_sha256", "label_expiry", "date", "expiry", "given_at", "prepared_at", "consent_date",
]);
const CODES = [
    "/studies/{study}/subjects/{subject}/withdrawal .reason", "/studies/{study}/unblindings .reason",
    "/studies/{study}/emergency-unblindings .reason", "/studies/{study}/dispensations/{id}/replacements .reason",
];

// The fields of the interface that are none of those, by its description: those that take free text.
export function freeFields(document) {
    const fields = [];
    for (const [path, { post }] of Object.entries(document.paths)) {
        for (const { schema } of Object.values(post?.requestBody?.content ?? {})) {
            const address = path.replace("/api/v1", "");
            fields.push(...strings(document, schema).map((field) => [field, `${address} .${field}`]));
        }
    }
    const isFree = ([field]) => !CLOSED.has(field) && !CLOSED.has(field.split(/\.(?!\*)/).at(-1));
    return fields.filter(isFree).map(([, name]) => name).filter((name) => !CODES.includes(name));
}

// The paths of all texts in a body.
function strings(document, { $ref, type, properties = {}, items, additionalProperties, oneOf = [], ...rest }) {
    if ($ref) return strings(document, document.components.schemas[$ref.split("/").at(-1)]);
    const within = (schema, prefix) => strings(document, schema).map((name) => prefix + name);
    const own = [type].flat().includes("string") && !rest.enum && !rest.format ? [""] : [];
    const joined = (name, below) => (below.startsWith("[") || below === "" ? name + below : `${name}.${below}`);
    return [
        ...own,
        ...Object.entries(properties).flatMap(([name, schema]) =>
            strings(document, schema).map((below) => joined(name, below))),
        ...(items ? strings(document, items).map((below) => joined("[]", below)) : []),
        ...(additionalProperties?.type ? within(additionalProperties, "*") : []),
        ...oneOf.flatMap((schema) => strings(document, schema)),
    ];
}
