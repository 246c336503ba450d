#!/usr/bin/env python3
"""A second implementation of iwrs-alloc-1, written from docs/ALLOCATION.md; the Python standard library is enough.

It derives an allocation list as CSV (stratum,position,block,arm; the arm as its index in design order):

    iwrs_alloc.py --seed HEX --study imodals --list L1 --ratio 1:1:1 --blocks 3,6 --lengths 36,12

Without arguments it reads one JSON object a line from standard input, with the keys seed, study, list, ratio, sizes
and lengths, and prints one list for each. With --root, the commitment's root follows each list as `root,HEX`.
"""

import argparse
import hashlib
import hmac
import json
import sys

ALGORITHM = "iwrs-alloc-1"
MASK = 0xFFFFFFFF


def hkdf(seed, *parts):
    """HKDF-SHA-256 (RFC 5869) without salt, 32 bytes; one round of expansion is enough for them."""
    if any("|" in part for part in parts):
        raise ValueError("a part of a key's purpose holds the separator")
    extracted = hmac.new(bytes(32), seed, hashlib.sha256).digest()
    return hmac.new(extracted, "|".join(parts).encode() + b"\x01", hashlib.sha256).digest()


def quarter_round(state, a, b, c, d):
    """The quarter round of RFC 8439, section 2.1."""
    for first, second, third, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[first] = (state[first] + state[second]) & MASK
        mixed = state[third] ^ state[first]
        state[third] = ((mixed << bits) | (mixed >> (32 - bits))) & MASK


def chacha20_words(key, stream):
    """The words of one stream: 64-bit block counter from 0, then the 64-bit stream number, both low half first."""
    fixed = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    fixed += [int.from_bytes(key[i : i + 4], "little") for i in range(0, 32, 4)]
    counter = 0
    while True:
        start = fixed + [counter & MASK, counter >> 32, stream & MASK, stream >> 32]
        state = list(start)
        for _ in range(10):
            for i in range(4):
                quarter_round(state, i, 4 + i, 8 + i, 12 + i)
            for i in range(4):
                quarter_round(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
        yield from ((a + b) & MASK for a, b in zip(state, start))
        counter += 1


def below(bound, words):
    """An integer of 0..bound-1, exactly uniform."""
    while True:
        product = next(words) * bound
        if product & MASK >= (1 << 32) % bound:
            return product >> 32


def block_of_arms(key, ratio, sizes, stratum, block):
    """The arms of one block, in order."""
    words = chacha20_words(key, stratum << 32 | block)
    size = sizes[0] if len(sizes) == 1 else sizes[below(len(sizes), words)]
    arms = [arm for arm, share in enumerate(ratio) for _ in range(share)] * (size // sum(ratio))
    for last in range(size - 1, 0, -1):
        chosen = below(last + 1, words)
        arms[last], arms[chosen] = arms[chosen], arms[last]
    return arms


def derive(seed, study, list_id, ratio, sizes, lengths):
    """The rows (stratum, position, block, arm) of the list."""
    key = hkdf(seed, ALGORITHM, study, list_id)
    for stratum, length in enumerate(lengths):
        position = block = 0
        while position < length:
            for arm in block_of_arms(key, ratio, sizes, stratum, block):
                yield stratum, position, block, arm
                position += 1
            block += 1


def leaf_hash(seed, study, list_id, stratum, position, arm):
    """The hash of one position's leaf."""
    salt = hkdf(seed, ALGORITHM + "-salt", study, list_id, str(stratum), str(position))
    leaf = salt + stratum.to_bytes(4, "big") + position.to_bytes(4, "big") + bytes([arm])
    return hashlib.sha256(b"\x00" + leaf).digest()


def tree_root(hashes):
    """The Merkle tree hash of RFC 6962, section 2.1, from the hashes of the leaves."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_root(hashes[:split]) + tree_root(hashes[split:])).digest()


def print_list(request, with_root):
    """One list as CSV, and its root if asked for."""
    seed, study, list_id = bytes.fromhex(request["seed"]), request["study"], request["list"]
    if len(seed) != 32:
        raise ValueError("the seed must be 32 bytes, which are 64 hexadecimal digits")
    rows = list(derive(seed, study, list_id, request["ratio"], request["sizes"], request["lengths"]))
    print("stratum,position,block,arm")
    for row in rows:
        print(*row, sep=",")
    if with_root:
        hashes = [leaf_hash(seed, study, list_id, stratum, position, arm) for stratum, position, _, arm in rows]
        print("root," + tree_root(hashes).hex())


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda separator: lambda text: [int(part) for part in text.split(separator)]
    parser.add_argument("--seed", help="32 bytes in hexadecimal")
    parser.add_argument("--study")
    parser.add_argument("--list")
    parser.add_argument("--ratio", type=numbers(":"))
    parser.add_argument("--blocks", type=numbers(","), dest="sizes")
    parser.add_argument("--lengths", type=numbers(","))
    parser.add_argument("--root", action="store_true", help="print the commitment's root as well")
    return parser.parse_args()


def main():
    """The command line, or standard input."""
    request = vars(arguments())
    with_root = request.pop("root")
    given = [value is not None for value in request.values()]
    if all(given):
        print_list(request, with_root)
    elif any(given):
        sys.exit("either all of --seed --study --list --ratio --blocks --lengths, or none and JSON lines")
    else:
        for line in sys.stdin:
            print_list(json.loads(line), with_root)


if __name__ == "__main__":
    main()
