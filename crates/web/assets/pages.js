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

// Back out of the browser's memory: the page is asked for anew, so that after a log-out nothing is shown.
addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
});

// What went wrong is where the reader begins.
document.querySelector("form .trouble[tabindex]")?.focus();

// It is not known whether it was done: asked again under the same key, it is done once.
const again = document.querySelector("form[data-again]");
if (again) setTimeout(() => again.requestSubmit(), 2000);
