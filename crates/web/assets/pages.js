// What the pages do beyond plain forms. Everything works without it, but for the camera.
"use strict";

// A form that is being sent is not sent twice. (Sent twice, it would have one effect all the same.) When the answer was
// a file, the page is still there after a while, and the form can be sent once more.
for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
        if (form.dataset.sent) event.preventDefault();
        form.dataset.sent = "yes";
        setTimeout(() => delete form.dataset.sent, 5000);
    });
}

// The SHA-256 of a file is computed here: the file goes nowhere.
for (const field of document.querySelectorAll("input[data-hash]")) {
    if (!globalThis.crypto?.subtle) break;
    const file = Object.assign(document.createElement("input"), { type: "file" });
    const label = document.createElement("label");
    label.append(field.dataset.hash, file);
    field.after(label);
    file.addEventListener("change", async () => {
        if (!file.files[0]) return;
        const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.files[0].arrayBuffer()));
        field.value = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    });
}

// Back out of the browser's memory: the page is asked for anew, so that after a log-out nothing is shown.
addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
});

// A page that is the answer to a form is left as one that was asked for: on the way back to it the browser has the form
// anew, and not a fault of its own that it cannot show what was sent.
addEventListener("pagehide", () => history.replaceState(null, "", location.href));

// Of many choices it is told how many are made. A kit that is scanned is chosen as come in good order; what is no kit of
// the list stays where it was scanned, for the server to judge.
for (const told of document.querySelectorAll("[data-tally]")) {
    const form = told.closest("form");
    const all = new Set(Array.from(form.querySelectorAll("input[type=radio]"), (one) => one.name)).size;
    const tell = () => {
        const made = form.querySelectorAll("input[type=radio]:checked").length;
        told.textContent = told.dataset.tally.replace("{n}", made).replace("{of}", all);
        told.hidden = false;
    };
    const kit = (line) => /^(?:\]d2)?\u001d?01\d{14}(?:17\d{6})?21(\d{10})(?=\u001d|10|$)/.exec(line)?.[1] ?? line.replace(/\s/g, "");
    const isTaken = (line) => {
        const of = form.elements[`kit.${kit(line)}`];
        if (!of || of.value === "missing") return false;
        if (!of.value) of.value = "received";
        return true;
    };
    form.querySelector("[name=scanned]")?.addEventListener("input", ({ target }) => {
        const lines = target.value.split("\n");
        const last = lines.pop();
        target.value = [...lines.filter((line) => line.trim() && !isTaken(line)), last].join("\n");
        tell();
    });
    form.addEventListener("change", tell);
    // On the way back the browser fills in what was chosen before, once the page is there.
    addEventListener("pageshow", tell);
}

// Of the parts of a study, the one that is read is in sight, also where not all have room.
// The page itself stays where it is.
for (const here of document.querySelectorAll("nav [aria-current]")) {
    const [own, all] = [here, here.closest("ul")].map((one) => one.getBoundingClientRect());
    here.closest("ul").scrollLeft += own.left - all.left - (all.width - own.width) / 2;
}

// What was done is told once, and not again whenever the page is loaded anew.
if (["back_forward", "reload"].includes(performance.getEntriesByType("navigation")[0]?.type)) {
    document.querySelector(".done")?.remove();
}

// The way to a field that is wrong leads into it, and leaves the address as it is.
for (const way of document.querySelectorAll(".trouble a[href^='#']")) {
    way.addEventListener("click", (event) => {
        const field = document.getElementById(way.hash.slice(1));
        event.preventDefault();
        field.scrollIntoView();
        (field.querySelector("input") ?? field).focus();
    });
}

// What went wrong is where the reader begins.
document.querySelector("form .trouble[tabindex]")?.focus();

// A long file is told how far it is while it comes, line by line. One that breaks off is not saved.
const download = async (box, file) => {
    const [told, whole, broken] = box.querySelectorAll("p");
    const show = (shown) => [told, whole, broken].forEach((one) => (one.hidden = !shown.includes(one)));
    const bar = told.querySelector("progress");
    bar.value = 0;
    show([told]);
    try {
        const answer = await fetch(file.href);
        const [, name] = answer.headers.get("Content-Disposition")?.split('"') ?? [];
        // Another page came: a refusal, or the log-in. The browser goes there by itself.
        if (!name) {
            show([]);
            return location.assign(file.href);
        }
        const pieces = [];
        for (const reader = answer.body.getReader(); ;) {
            const { done, value } = await reader.read();
            if (done) break;
            pieces.push(value);
            bar.value += value.reduce((lines, byte) => lines + (byte === 10), 0);
        }
        const href = URL.createObjectURL(new Blob(pieces));
        Object.assign(document.createElement("a"), { href, download: name }).click();
        setTimeout(() => URL.revokeObjectURL(href), 60000);
        show([told, whole]);
    } catch {
        show([broken]);
    }
};
for (const box of document.querySelectorAll(".download")) {
    const file = box.querySelector("a");
    let comes = false;
    file.addEventListener("click", async (event) => {
        // Into another tab or window the file comes without this page.
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        if (comes) return;
        comes = true;
        await download(box, file);
        comes = false;
    });
}

// What goes on by itself: work that is done part by part, or a request of which it is not known whether it was done.
// Asked again under the same key, it is done once.
const goesOn = document.querySelector("form[data-goes-on]");
if (goesOn) setTimeout(() => goesOn.requestSubmit(), Number(goesOn.dataset.goesOn));
