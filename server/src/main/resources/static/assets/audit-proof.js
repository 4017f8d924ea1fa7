/* Verifies an event in the reader's own browser: from the envelope's bytes to the root, and the signature over that. It trusts no word of
   the page, only the three files that it fetches: envelope, proof (c2sp.org/tlog-proof) and public keys (c2sp.org/signed-note). */
const utf8 = new TextEncoder();
const sha256 = async (...parts) => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', all));
};
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const fetched = async (url) => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

/** RFC 9162, section 2.1.3.2. */
const root = async (leaf, index, size, path) => {
  let node = BigInt(index), last = BigInt(size) - 1n, hash = leaf;
  if (node > last) throw new Error('the proof is of a place behind the end of the tree');
  for (const other of path) {
    if (last === 0n) throw new Error('the path is too long for that tree');
    if (node & 1n || node === last) {
      hash = await sha256([1], other, hash);
      while (!(node & 1n) && node) { node >>= 1n; last >>= 1n; }
    } else hash = await sha256([1], hash, other);
    node >>= 1n; last >>= 1n;
  }
  if (last !== 0n) throw new Error('the path is too short for that tree');
  return hash;
};

/** Who signed the checkpoint with Ed25519, of the keys given; null if this browser cannot tell. */
const signer = async (text, signatures, keys) => {
  for (const key of keys.split('\n').filter(Boolean)) {
    const [, name, id, material] = /^(\S+)\+([0-9a-f]{8})\+(\S+)$/.exec(key) ?? [];
    const own = material && bytes(material);
    if (!own || own[0] !== 1) continue;
    for (const line of signatures) {
      const [, by, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? [];
      const signed = encoded && bytes(encoded);
      if (by !== name || [...signed.slice(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join('') !== id) continue;
      let imported;
      try { imported = await crypto.subtle.importKey('raw', own.slice(1), 'Ed25519', false, ['verify']); } catch { return null; }
      if (await crypto.subtle.verify('Ed25519', imported, signed.slice(4), utf8.encode(text))) return `${name}+${id}`;
      throw new Error(`the signature of ${name} does not hold`);
    }
  }
  throw new Error('the checkpoint is signed by none of the log\'s keys');
};

/** Calls `say(good, sentence)` for each step; good is null for what could not be checked. Ends at the first that fails. */
export const verify = async ({ envelope, proof, keys }, say) => {
  if (!globalThis.crypto?.subtle) { say(null, 'This browser computes hashes on https and localhost only: use ./muster verify.'); return false; }
  try {
    const raw = await fetched(envelope), event = JSON.parse(new TextDecoder().decode(raw));
    const content = base64(await sha256(raw));
    say(true, `The envelope of ${raw.length.toLocaleString('en')} bytes hashes to ${content.slice(0, 8)}…`);
    const entry = JSON.stringify({ at: event.recorded_at, c: content, id: event.id, v: 1 }); // its canonical form: names in order, plain text
    const leaf = await sha256([0], utf8.encode(entry));
    const file = new TextDecoder().decode(await fetched(proof)), split = file.indexOf('\n\n');
    const [head, ...lines] = file.slice(0, split).split('\n');
    if (head !== 'c2sp.org/tlog-proof@v1') throw new Error('the proof is of a kind that is not known here');
    if (lines[0].startsWith('extra ')) lines.shift();
    const index = /^index (\d+)$/.exec(lines.shift())?.[1];
    if (index === undefined) throw new Error('the proof names no place');
    const note = file.slice(split + 2), end = note.lastIndexOf('\n\n');
    const text = note.slice(0, end + 1), [, size, claimed] = text.split('\n');
    const reached = base64(await root(leaf, index, size, lines.map(bytes)));
    if (reached !== claimed) throw new Error(`from the event the path leads to ${reached.slice(0, 8)}…, and the checkpoint says ${claimed.slice(0, 8)}…`);
    say(true, `Over ${lines.length} hashes it leads from place ${index} to ${claimed.slice(0, 8)}…, the root of ${size} events.`);
    const by = await signer(text, note.slice(end + 2).split('\n').filter(Boolean), new TextDecoder().decode(await fetched(keys)));
    say(by && true, by ? `That root is signed by ${by}.` : 'This browser cannot check the Ed25519 signature over that root: ./muster verify does.');
    return true;
  } catch (wrong) {
    say(false, `It does not verify: ${wrong.message}.`);
    return false;
  }
};
