/** Reads the pixels of a screenshot (PNG specification, 3rd edition: 8 bits, RGB or RGBA, not interlaced). */

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** `#rrggbb` of a pixel. */
  at(x: number, y: number): string;
}

export async function readPng(bytes: Uint8Array<ArrayBuffer>): Promise<Picture> {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let [width, height, channels] = [0, 0, 0];
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = view.getUint32(at);
    const type = new TextDecoder().decode(bytes.subarray(at + 4, at + 8));
    const data = at + 8;
    if (type === "IHDR") {
      [width, height] = [view.getUint32(data), view.getUint32(data + 4)];
      const [depth, colour, interlace] = [bytes[data + 8], bytes[data + 9], bytes[data + 12]];
      if (depth !== 8 || interlace !== 0) throw new Error("not a screenshot");
      channels = colour === 6 ? 4 : colour === 2 ? 3 : 0;
    } else if (type === "IDAT") parts.push(bytes.slice(data, data + length));
    at = data + length + 4;
  }
  if (channels === 0) throw new Error("not RGB");
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  const raw = new Uint8Array(await new Response(stream).arrayBuffer());
  const pixels = unfilter(raw, width, height, channels);
  const at = (x: number, y: number) => {
    const start = (y * width + x) * channels;
    return "#" + pixels.slice(start, start + 3).toHex();
  };
  return { width, height, at };
}

function unfilter(raw: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const stride = width * channels;
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? out[y * stride + x - channels]! : 0;
      const up = y > 0 ? out[(y - 1) * stride + x]! : 0;
      const corner = x >= channels && y > 0 ? out[(y - 1) * stride + x - channels]! : 0;
      const add = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter!]!;
      out[y * stride + x] = raw[y * (stride + 1) + 1 + x]! + add;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((one) => Math.abs(estimate - one));
  return a! <= b! && a! <= c! ? left : b! <= c! ? up : corner;
}
