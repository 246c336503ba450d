// What a camera sees that is held over a printed label: a film for Chromium to play as if it were one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 30;
// Dots of the printed label to the millimetre, and where on it the middle of the code is: in the upper right corner.
const DOTS = 10;
const CODE = [91 * DOTS, 13 * DOTS];
// So many points of the film to a dot of the label: the code of 20 mm takes a third of the height.
const SCALE = 0.85;

// Films the label of one kit out of a file of labels, and gives the name of the film.
export function film(folder, labels, kit) {
    const pdf = path.join(folder, "labels.pdf");
    fs.writeFileSync(pdf, labels);
    const pages = execFileSync("pdftotext", [pdf, "-"], { encoding: "utf8" }).split("\f");
    const page = pages.findIndex((text) => text.replaceAll(" ", "").includes(kit));
    assert.ok(page >= 0, `there is no label for ${kit}`);
    const of = String(page + 1);
    const picture = path.join(folder, kit);
    const resolution = String(DOTS * 25.4);
    execFileSync("pdftoppm", ["-f", of, "-l", of, "-r", resolution, "-gray", "-singlefile", pdf, picture]);
    const name = `${picture}.y4m`;
    fs.writeFileSync(name, filmed(grey(fs.readFileSync(`${picture}.pgm`))));
    return name;
}

// The points of a picture in the format PGM.
function grey(bytes) {
    const [header, width, height] = bytes.toString("latin1", 0, 40).match(/^P5\s(\d+)\s(\d+)\s255\s/);
    return { points: bytes.subarray(header.length), width: Number(width), height: Number(height) };
}

// The hand comes in from the side, out of focus, and goes on trembling.
function filmed(label) {
    const noise = chance(7);
    const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F15:1 Ip A1:1 C420jpeg\n`)];
    const colourless = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
    for (let number = 0; number < FRAMES; number += 1) {
        const left = Math.max(0, 1 - number / 12);
        const view = {
            angle: 0.35 - number * 0.02,
            away: [150 * left + 6 * Math.sin(number), 90 * left + 6 * Math.cos(2 * number)],
            tilt: [0.0005 * Math.cos(number / 5), 0.0004],
            blur: 1 + 5 * left,
        };
        parts.push(Buffer.from("FRAME\n"), frame(label, view, noise), colourless);
    }
    return Buffer.concat(parts);
}

function frame(label, { angle, away, tilt, blur }, noise) {
    const points = Buffer.alloc(WIDTH * HEIGHT);
    const [cos, sin] = [Math.cos(angle) / SCALE, Math.sin(angle) / SCALE];
    for (let y = 0; y < HEIGHT; y += 1) {
        for (let x = 0; x < WIDTH; x += 1) {
            const [right, down] = [x - WIDTH / 2 - away[0], y - HEIGHT / 2 - away[1]];
            const depth = 1 + tilt[0] * right + tilt[1] * down;
            const at = [CODE[0] + (cos * right + sin * down) / depth, CODE[1] + (cos * down - sin * right) / depth];
            // The light comes from one side, and paper is never as white as a screen.
            const light = 0.75 + 0.2 * (x / WIDTH) - 0.1 * (y / HEIGHT);
            points[y * WIDTH + x] = light * (30 + 0.85 * seen(label, at, blur)) + 16 * (noise() - 0.5);
        }
    }
    return points;
}

// What is seen at a place out of focus: the mean of nine points around it. Beyond the paper there is a dark table.
function seen({ points, width, height }, [x, y], blur) {
    let sum = 0;
    for (let down = -1; down <= 1; down += 1) {
        for (let right = -1; right <= 1; right += 1) {
            const [column, row] = [Math.round(x + blur * right), Math.round(y + blur * down)];
            const isOnPaper = column >= 0 && column < width && row >= 0 && row < height;
            sum += isOnPaper ? points[row * width + column] : 60;
        }
    }
    return sum / 9;
}

// Numbers from 0 to 1 that look like chance and are the same every time.
function chance(seed) {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };
}
