// The texts whose canonical form is asked for: [name, text or bytes].

const numbers = [
  "0", "-0", "0.0", "-0.0", "0e1", "-0e-1", "1", "-1", "10", "100", "1.0", "1.10", "100.00", "200.00", "0.10", "0.5", "-0.5", "10.05",
  "1e0", "1e3", "1E3", "1e+3", "1E+2", "1e-3", "1.5e3", "12e-1", "1e20", "1e21", "1e22", "123456789012345680000",
  "999999999999999900000", "999999999999999999999", "1000000000000000000000", "1e-6", "1e-7", "0.000001", "0.0000001", "0.00000123",
  "0.000000123", "0.1", "0.2", "0.3", "0.30000000000000004", "4.35", "1.005", "0.1e-6", "123456789012345", "1234567890123456",
  "9007199254740991", "9007199254740992", "9007199254740993", "12345678901234567890", "1234567890123456789", "99999999999999.9", "999999999999999",
  "999999999999999.9", "123456789.123456", "123456789.1234567", "0.123456789012345", "0.1234567890123456", "0.12345678901234567",
  "0.000001234567890123", "0.00000123456789012345", "1.7976931348623157e308", "1.7976931348623159e308", "1e308", "1e309", "-1e309", "1e400",
  "-1e400", "1e999999999999", "5e-324", "4.9e-324", "2.4703282292062328e-324", "2.4703282292062327e-324", "1e-324", "1e-999999999999",
  "2.2250738585072011e-308", "2.2250738585072014e-308", "9.5e-7", "4.656612873077393e-10", "8.41e21", "2.0919495182368195e19", "5e-7", "1e23",
  "9.999999999999999e22", "144115188075855870", "9223372036854775807", "18446744073709551615", "0.00001", "100000000000000000000000",
];
const badNumbers = [
  "00", "01", "-01", "-", "+1", ".5", "5.", "-.5", "1.e1", "1e", "1e+", "1e-", "1e1.5", "0x10", "0b1", "0o7", "1_000", "1,000", "Infinity", "-Infinity",
  "NaN", "1n", "1f", "--1", "１", "1 2", "1.2.3",
];
const strings = {
  empty: '""', plain: '"abc"', slash: '"a/b"', "escaped slash": '"a\\/b"', quote: '"\\""', backslash: '"\\\\"', "backslash and a u": '"\\\\u0041"',
  "short escapes": '"\\b\\f\\n\\r\\t"', "control characters as \\u": '"\\u0000\\u0001\\u0007\\u0008\\u0009\\u000a\\u000b\\u000c\\u000d\\u000e\\u001f"',
  "upper-case \\u": '"\\u001F\\u00E9\\uABCD"', "ASCII as \\u": '"\\u0041\\u007e\\u003c\\u003E\\u0026\\u0027"', "quote and backslash as \\u": '"\\u0022\\u005c\\u005C\\u002f"',
  DEL: '"\u007f\\u007f"', "C1 control": '"\u0080\\u0080\\u009f"', "Latin-1": '"é\\u00e9"', euro: '"€\\u20ac"', "line separators": '"\u2028\u2029\\u2028\\u2029"', "BOM inside": '"\ufeff\\ufeff"',
  noncharacters: '"\uffff\\uffff\\ufffe"', "surrogate pair": '"\\ud83d\\ude00"', "surrogate pair, upper case": '"\\uD83D\\uDE00"', "astral character": '"😀𐀀\u{10ffff}"', "last pair": '"\\udbff\\udfff"',
  "lone high": '"\\ud800"', "lone high, upper case": '"\\uD83D"', "lone low": '"\\udc00"', "lone low, upper case": '"\\uDFFF"', "low before high": '"\\ude00\\ud83d"', "high, high, low": '"\\ud83d\\ud83d\\ude00"',
  "high before a character": '"\\ud83dx"', "high before an escape": '"\\ud83d\\n"', "high before a backslash": '"\\ud83d\\\\ude00"', "high at the end of one string": '["\\ud83d","\\ude00"]', "around the surrogates": '"\\ud7ff\\ue000"', "combining, not normalized": '"e\u0301\u00e9"',
};
const badStrings = {
  unterminated: '"abc', "one quote": '"', "single quotes": "'abc'", "raw newline": '"a\nb"', "raw tab": '"a\tb"', "raw NUL": '"a\u0000b"', "raw unit separator": '"a\u001fb"', "escape x": '"\\x41"', "escape a": '"\\a"', "escape 0": '"\\0"', "escape v": '"\\v"',
  "escape quote": "\"\\'\"", "escape U": '"\\U0041"', "short u": '"\\u004"', "u with a sign": '"\\u+041"', "u with a brace": '"\\u{41}"', "u with a bad digit": '"\\u00g0"', "u at the end": '"\\u', "backslash at the end": '"\\', "escaped closing quote": '"\\"', "escape newline": '"a\\\nb"', "fullwidth digit in u": '"\\u００４１"',
};
const objects = {
  "empty object": "{}", "empty array": "[]", "spaces in empty ones": "[ { } , [ ] ]", nested: '{"a":{"b":[1,{"c":null}]}}', "white space": ' \t\r\n{ \t\r\n"a" \t\r\n: \t\r\n1 \t\r\n, "b":[ 1 , 2 ] } \t\r\n',
  "integer keys first": '{"b":1,"2":2,"a":3,"1":4}', "integer keys as numbers, not text": '{"10":1,"9":2,"1":3}', "greatest index": '{"a":1,"4294967294":2,"0":3}', "beyond the greatest index": '{"a":1,"4294967295":2,"4294967296":3,"0":4}', "beyond by a digit": '{"a":1,"42949672940":2,"99999999999":3}',
  "integer-like, but not canonical": '{"a":1,"01":2,"00":3,"-1":4,"1.0":5,"1e3":6,"+1":7," 1":8,"":9,"-0":10,"0":11}', "integer key as \\u": '{"a":1,"\\u0031":2}', "fullwidth digit key": '{"a":1,"１":2}', "2 to the 31": '{"x":1,"2147483648":2,"2147483647":3}', "2 to the 53": '{"x":1,"9007199254740991":2}',
  "repeated key": '{"a":1,"b":2,"a":3}', "repeated key, thrice": '{"a":1,"b":2,"a":3,"c":4,"a":5}', "repeated by another spelling": '{"a":1,"b":2,"\\u0061":3}', "repeated slash key": '{"a/b":1,"a\\/b":2}', "repeated lone surrogate": '{"\\ud800":1,"x":2,"\\uD800":3}', "repeated integer key": '{"a":0,"5":1,"3":2,"5":3}',
  "repeated, replaced by an object": '{"a":{"x":1},"b":2,"a":{"y":[1]}}', "repeated in a nested object only": '{"a":{"a":1,"a":2},"b":{"a":3}}', "same key, different objects": '[{"a":1},{"a":1}]', "repeated empty key": '{"":1,"":2}', "not normalized keys differ": '{"é":1,"e\u0301":2}',
  "key __proto__": '{"__proto__":{"a":1},"b":2}', "__proto__ twice": '{"__proto__":1,"b":2,"__proto__":3}', "__proto__ null": '{"__proto__":null}', constructor: '{"constructor":{"prototype":1},"toString":1,"hasOwnProperty":2}', toJSON: '{"toJSON":"x","a":1}', "toJSON object": '{"toJSON":{"a":1}}', length: '{"length":1,"0":2}',
  "escapes in keys": '{"a\\nb":1,"\\u00e9":2,"\\"":3}', literals: "[true,false,null]", "top-level true": "true", "top-level null": "null", "top-level string with spaces": ' "x" ', "array keeps order": "[3,1,2]", "array with holes filled by null": "[null,1e999]",
  "escape-rich canonical": '{"a":"\\"\\\\\\b\\f\\n\\r\\t"}', "key of eight bytes": '{"abcdefgh":1,"abcdefgi":2,"abcdefgh":3}', "key of nine bytes": '{"abcdefghi":1,"abcdefghj":2}', "last key repeats the first": '{"a":1,"a":2}', "key with an escape repeats": '{"a\\tb":1,"a\\tb":2}', "webhook with a number": '{"transaction_id":"t1","amount":200.00,"user_id":19999999999999999999}',
};
const badObjects = {
  empty: "", "white space only": " \n", "trailing comma in array": "[1,]", "trailing comma in object": '{"a":1,}', "comma only": "[,]", "two commas": "[1,,2]", "missing comma": "[1 2]", "missing colon": '{"a" 1}', "missing value": '{"a":}', "missing key": "{:1}", "key without quotes": "{a:1}", "key in single quotes": "{'a':1}", "number as key": "{1:2}",
  "wrong bracket": '{"a":1]', "wrong brace": "[1}", unclosed: '{"a":[1', "closed too often": "[]]", "two values": "{}{}", "text behind": "null x", "comment behind": "1 // x", "block comment": "/* x */1", True: "True", undefined: "undefined", nul: "nul", nulll: "nulll", "capital null": "NULL", "no-break space": "\u00a01", "form feed": "\f1", "vertical tab": "\u000b1", "line separator": "\u20281", "zero width space": "1\u200b",
  "NUL behind": "1\u0000", colon: ":", "object Object": "[object Object]", python: "{'a': True}", "XSSI guard": ")]}'\n{}", "deep, unclosed": "[".repeat(1000),
};
const bytes = {
  "BOM first": Buffer.from("\ufeff{}"), "BOM alone": Buffer.from("\ufeff"), "BOM behind": Buffer.from("{}\ufeff"), "Latin-1 é": Buffer.from([0x22, 0xe9, 0x22]), "lone continuation": Buffer.from([0x22, 0x80, 0x22]), "overlong slash": Buffer.from([0x22, 0xc0, 0xaf, 0x22]), "surrogate in UTF-8": Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), "beyond Unicode": Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]),
  "cut character": Buffer.from([0x22, 0xe2, 0x82, 0x22]), "UTF-16 LE": Buffer.from("\ufeff{}", "utf16le"), "not UTF-8 in a key": Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "not UTF-8 outside a string": Buffer.from([0x31, 0xff]), "raw astral character": Buffer.from('"\u{1f600}"'),
};

/** Long enough to leave every buffer that a fast path might keep. */
function large() {
  const fields = Array.from({ length: 300 }, (_, i) => [`field_${i}`, `value ${i}`]);
  const flat = JSON.stringify(Object.fromEntries(fields));
  return {
    "300 keys": flat,
    "300 keys, the last repeats the first": `${flat.slice(0, -1)},"field_0":1}`,
    "300 keys, one is an index": `${flat.slice(0, -1)},"7":1}`,
    "100 levels of arrays": "[".repeat(100) + "]".repeat(100),
    "500 levels of objects": '{"a":'.repeat(500) + "1.0" + "}".repeat(500),
    "31 levels": '{"a":['.repeat(15) + "[1]" + "]}".repeat(15),
    "33 levels": '{"a":['.repeat(16) + "[1]" + "]}".repeat(16),
    "long string": `"${"x".repeat(5000)}"`,
    "long string, escape at the end": `"${"x".repeat(5000)}\\u0041"`,
    "rows with the same keys": JSON.stringify(Array.from({ length: 40 }, (_, i) => ({ id: i, amount: i / 100, "0x": "y" }))),
    "integer keys descending": `{${Array.from({ length: 60 }, (_, i) => `"${60 - i}":${i}`).join(",")}}`,
  };
}

export function canonicalTexts() {
  return [
    ...numbers.map((text) => [`number ${text}`, text]),
    ...badNumbers.map((text) => [`no number ${text}`, text]),
    ...Object.entries(strings).map(([name, text]) => [`string: ${name}`, text]),
    ...Object.entries(badStrings).map(([name, text]) => [`no string: ${name}`, text]),
    ...Object.entries(objects).map(([name, text]) => [name, text]),
    ...Object.entries(badObjects).map(([name, text]) => [`no JSON: ${name}`, text]),
    ...Object.entries(bytes).map(([name, input]) => [`bytes: ${name}`, input]),
    ...Object.entries(large()).map(([name, text]) => [`large: ${name}`, text]),
  ];
}
