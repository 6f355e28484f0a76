// The gateway's published example, and what may become of it on its way.
import type { Given } from "./inspector-inspect.js";

export const PUBLISHED: Given & { readonly body: string } = {
  body: '{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}',
  signature: "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC",
  password: "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF",
  candidate: "",
};

/** Names of buttons, each with what it fills in. */
export const VARIATIONS: Readonly<Record<string, Given>> = {
  "Pretty-printed": { ...PUBLISHED, body: JSON.stringify(JSON.parse(PUBLISHED.body), null, 2) },
  "Amount as a number": { ...PUBLISHED, body: PUBLISHED.body.replace('"200.00"', "200.00") },
  "Another amount": { ...PUBLISHED, body: PUBLISHED.body.replace("200.00", "900.00") },
  "Keys sorted": {
    ...PUBLISHED,
    body: JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(PUBLISHED.body)).sort())),
  },
  "Prefix on the signature": { ...PUBLISHED, signature: `sha1=${PUBLISHED.signature.toLowerCase()}` },
  "Space after the password": { ...PUBLISHED, password: `${PUBLISHED.password} ` },
};
