/**
 * Append-only logs of which everybody can prove that nothing in them was changed: Merkle trees (RFC 6962), their tiles, proofs,
 * signed checkpoints and proof files (C2SP). Needs the JDK alone; knows nothing of Muster.
 *
 * <p>All is data and pure functions. What is read from outside is refused with {@link Malformed} unless it is exactly what would be
 * written of it; what does not follow from its proof is {@link Refuted}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6962">RFC 6962</a>, <a href="https://www.rfc-editor.org/rfc/rfc9162">RFC 9162</a>,
 *     <a href="https://c2sp.org">C2SP</a>
 */
@NullMarked
package io.muster.merklelog;

import org.jspecify.annotations.NullMarked;
