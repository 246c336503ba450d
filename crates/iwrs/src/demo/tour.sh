# Functions to try the demo with; written by `iwrs demo`. They need curl, sed and sha256sum (or shasum).
BASE=@BASE@/api/v1
STUDY=/studies/@STUDY@

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }
field() { sed -E "s/.*\"$1\":\"([^\"]+)\".*/\1/"; }
new_key() { od -An -N 12 -tx1 /dev/urandom | tr -d ' \n'; }
json() { curl -s -H 'Content-Type: application/json' "$@"; }
password_of() { echo "a long passphrase of $1"; }
log_in() { json "$BASE/session" -d "{\"login\":\"$1\",\"password\":\"$2\"}" | field access_token; }

# first_log_in LOGIN ONE-TIME-PASSWORD: sets the password that the other functions use.
first_log_in() {
    _token=$(log_in "$1" "$2")
    json -o /dev/null -w "$1: password set (%{http_code})\n" -H "Authorization: Bearer $_token" \
        "$BASE/me/password" -d "{\"old_password\":\"$2\",\"new_password\":\"$(password_of "$1")\"}"
}

# as LOGIN FUNCTION ARGUMENTS...: does it in the name of this person.
as() {
    WHO=$1
    shift
    TOKEN=$(log_in "$WHO" "$(password_of "$WHO")")
    "$@"
    echo
}

ask() { json -H "Authorization: Bearer $TOKEN" "$BASE$1"; }
act() { json -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $(new_key)" "$BASE$1" -d "$2"; }

# sign_and_act ACTION ADDRESS BODY: the password again, for exactly this act.
sign_and_act() {
    _hash=$(printf %s "$3" | sha256)
    _signature=$(json -H "Authorization: Bearer $TOKEN" "$BASE/signatures" -d \
        "{\"action\":\"$1\",\"address\":\"/api/v1$2\",\"body_sha256\":\"$_hash\",\"password\":\"$(password_of "$WHO")\"}" \
        | field token)
    json -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $(new_key)" -H "Signature-Token: $_signature" \
        "$BASE$2" -d "$3"
}

# screen SUBJECT BIRTH-YEAR SEX
screen() { act "$STUDY/subjects" "{\"screening_number\":\"$1\",\"site\":\"@SITE@\",\"birth_year\":$2,\"sex\":\"$3\"}"; }

# randomize SUBJECT: every criterion answered with yes, consent today.
randomize() {
    _answers=$(for c in @CRITERIA@; do printf '"%s":"yes",' "$c"; done)
    sign_and_act randomize "$STUDY/subjects/$1/randomization" \
        "{\"consent_date\":\"$(date -u +%Y-%m-%d)\",\"answers\":{${_answers%,}}}"
}

# dispense SUBJECT VISIT: which kits to hand over; remembers the dispensation and its first kit.
dispense() {
    _answer=$(act "$STUDY/subjects/$1/dispensations" "{\"visit\":\"$2\"}")
    DISPENSATION=$(printf %s "$_answer" | field id)
    KIT=$(printf %s "$_answer" | sed -E 's/.*"kits":\["([0-9]+)".*/\1/')
    printf %s "$_answer"
}

# hand_over [KIT-NUMBER]: the number scanned; without one, that of the kit that dispense named.
hand_over() { act "$STUDY/dispensations/$DISPENSATION/confirmation" "{\"kit_number\":\"${1:-$KIT}\"}"; }

# break_code SUBJECT REASON: recorded before it is shown.
break_code() { sign_and_act unblind "$STUDY/unblindings" "{\"screening_number\":\"$1\",\"reason\":\"$2\"}"; }
