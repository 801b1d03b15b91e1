import assert from "node:assert/strict";
import { parseXml } from "./xml.ts";

Deno.test("parseXml() keeps values as text, resolves entities once, and ignores namespaces", async () => {
  const root = await parseXml(
    `<?xml version="1.0" encoding="UTF-8"?>
     <aws:Response xmlns:aws="https://sts.amazonaws.com/doc/2011-06-15/" a="b">
       <Account>000123456789</Account><Number>1e3</Number><Empty/><Blank>  </Blank>
       <Message>  &lt;b&gt; &amp;lt; &quot;&apos;&#39;&#x27; &unknown; &#0; <![CDATA[<i>&amp;]]></Message>
       <Nested><Deep><Value>x</Value></Deep></Nested>
     </aws:Response>`,
  );
  const texts = ["Account", "Number", "Empty", "Blank", "Message", "Nested", "Absent"]
    .map((name) => root?.text(name));
  assert.equal(root?.name, "Response");
  assert.deepEqual(texts, [
    "000123456789",
    "1e3",
    "",
    "",
    `<b> &lt; "''' &unknown; &#0; <i>&amp;`,
    undefined,
    undefined,
  ]);
  assert.equal(root?.text("Nested", "Deep", "Value"), "x");
  assert.equal(root?.element("Nested", "Deep")?.name, "Deep");
  assert.equal(root?.text("Account", "Value"), undefined);
  assert.equal(root?.text("constructor"), undefined);
});

Deno.test("parseXml() gives the members of a list, one, several or none", async () => {
  const root = await parseXml(
    `<R><One><member><Id>1</Id></member></One><Two><member>a</member><member>b</member></Two><None/></R>`,
  );
  assert.deepEqual(root?.members("One").map((member) => member.text("Id")), ["1"]);
  assert.deepEqual(root?.members("Two").map((member) => member.text()), ["a", "b"]);
  assert.deepEqual(root?.members("None"), []);
  assert.deepEqual(root?.members("Absent", "List"), []);
});

const ENTITY_BOMB = `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><r>&b;</r>`;
const FILE_ENTITY = `<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r>&f;</r>`;

for (
  const [what, text] of Object.entries({
    "nothing": "",
    "white space": " \n",
    "plain text": "Service Unavailable",
    "JSON": `{"message":"no"}`,
    "cut in an element": "<R><Credentials><AccessKeyId>ASIA",
    "cut in a tag": "<R><Cred",
    "a web page": "<!DOCTYPE html><html><body><p>503<br></body></html>",
    "nested a thousand deep": "<a>".repeat(1000) + "</a>".repeat(1000),
    "with entities of its own": ENTITY_BOMB,
    "with an entity that names a file": FILE_ENTITY,
    "named to change prototypes": "<R><__proto__><x>1</x></__proto__></R>",
  })
) {
  Deno.test(`parseXml() gives nothing for what is ${what}`, async () => {
    assert.equal(await parseXml(text), undefined);
  });
}

Deno.test("parseXml() reads 1 MiB of elements quickly", async () => {
  const root = await parseXml(`<R>${"<member>x</member>".repeat(50_000)}</R>`);
  assert.equal(root?.members().length, 50_000);
});
