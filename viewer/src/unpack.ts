import type { Packed } from "./page";

/** The bytes that were deflated and written as base64. */
export async function inflate(data: string): Promise<Uint8Array<ArrayBuffer>> {
  const binary = atob(data);
  const bytes = new Uint8Array(binary.length);
  for (let k = 0; k < binary.length; k++) bytes[k] = binary.charCodeAt(k);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The numbers of a packed column, flat; NaN where there is none. */
export async function unpack(packed: Packed): Promise<Float64Array> {
  const planes = await inflate(packed.data);
  const { count, bytes } = packed;
  const codes = new Float64Array(count);
  for (let byte = bytes - 1; byte >= 0; byte--) {
    const plane = planes.subarray(byte * count, (byte + 1) * count);
    for (let k = 0; k < count; k++) codes[k] = codes[k]! * 256 + plane[k]!;
  }
  return packed.kind === "integers" ? shifted(codes, packed.low as number) : decoded(codes, packed);
}

function shifted(codes: Float64Array, low: number): Float64Array {
  return codes.map((code) => code + low);
}

/** Codes from 1 on are steps between least and greatest; 0 is a length of nothing, the highest no number. */
function decoded(codes: Float64Array, packed: Packed): Float64Array {
  const lows = packed.low as number[];
  const highs = packed.high!;
  const steps = packed.steps!;
  const highest = 256 ** packed.bytes - 1;
  const length = lows.length ? codes.length / lows.length : 0;
  return codes.map((code, k) => {
    if (code === highest) return NaN;
    const row = Math.floor(k / length);
    const value = lows[row]! + ((code - 1) / steps[row]!) * (highs[row]! - lows[row]!);
    if (packed.kind === "numbers") return value;
    return code === 0 ? 0 : Math.exp(value);
  });
}
