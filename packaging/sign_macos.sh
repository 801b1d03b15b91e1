#!/usr/bin/env bash
# Signs programs with a Developer ID, in a keychain of its own, and has Apple notarise them.
set -euo pipefail
: "${APPLE_CERTIFICATE:?}" "${APPLE_CERTIFICATE_PASSWORD:?}" "${APPLE_IDENTITY:?}"
: "${APPLE_ID:?}" "${APPLE_TEAM_ID:?}" "${APPLE_APP_PASSWORD:?}"
entitlements=$(dirname "$0")/entitlements.plist

scratch=$(mktemp -d)
keychain=$scratch/sign.keychain-db
trap 'security delete-keychain "$keychain" 2>/dev/null || true; rm -rf "$scratch"' EXIT
keychain_password=$(openssl rand -hex 24)
security create-keychain -p "$keychain_password" "$keychain"
security set-keychain-settings -lut 3600 "$keychain"
security unlock-keychain -p "$keychain_password" "$keychain"
base64 --decode <<<"$APPLE_CERTIFICATE" >"$scratch/certificate.p12"
security import "$scratch/certificate.p12" -k "$keychain" -P "$APPLE_CERTIFICATE_PASSWORD" \
  -T /usr/bin/codesign
security set-key-partition-list -S apple-tool:,apple: -s -k "$keychain_password" "$keychain" >/dev/null

for program in "$@"; do
  chmod +x "$program"
  codesign --force --timestamp --options runtime --entitlements "$entitlements" \
    --keychain "$keychain" --sign "$APPLE_IDENTITY" "$program"
  codesign --verify --strict "$program"
  ditto -c -k "$program" "$scratch/program.zip"
  xcrun notarytool submit "$scratch/program.zip" --wait --apple-id "$APPLE_ID" \
    --team-id "$APPLE_TEAM_ID" --password "$APPLE_APP_PASSWORD"
done
