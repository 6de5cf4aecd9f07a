// A site's own server, which signs who its visitors are: as docs/javascript-api.md says it.
import { createHmac } from "node:crypto";

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

// A token that says for an hour, from `age` seconds ago on, who somebody is.
export function identityToken({ campaign, secret }, claims, age = 0) {
  const iat = Math.floor(Date.now() / 1000) - age;
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ aud: campaign, iat, exp: iat + 3600, ...claims })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
