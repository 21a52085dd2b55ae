/** The body of a lesson: blocks in reading order, at most one of them a video. */

export interface DocNode {
  type: string;
  text?: string;
  content?: DocNode[];
  attrs?: Record<string, unknown>;
  marks?: { type: string; attrs?: Record<string, unknown> }[];
}

export interface TextBlock {
  type: 'text';
  doc: DocNode;
  /** Made by the server. */
  html?: string;
}

export interface VideoBlock {
  type: 'video';
  asset: string;
}

export interface LessonBody {
  v: 1;
  blocks: (TextBlock | VideoBlock)[];
}

export const EMPTY_BODY: LessonBody = { v: 1, blocks: [] };
export const EMPTY_DOC: DocNode = { type: 'doc', content: [{ type: 'paragraph' }] };

/** The body with another video, or without one. A first video stands above the text. */
export function withVideo(body: LessonBody, asset: string | null): LessonBody {
  const at = body.blocks.findIndex((block) => block.type === 'video');
  const blocks: LessonBody['blocks'] = body.blocks.filter((block) => block.type !== 'video');
  if (asset !== null) blocks.splice(Math.max(at, 0), 0, { type: 'video', asset });
  return { ...body, blocks };
}

/** The body with `doc` as its text number `index`; one past the last text adds a block. */
export function withText(body: LessonBody, index: number, doc: DocNode): LessonBody {
  let seen = -1;
  let found = false;
  const blocks = body.blocks.map((block) => {
    if (block.type !== 'text') return block;
    seen += 1;
    if (seen !== index) return block;
    found = true;
    return { type: 'text' as const, doc };
  });
  return { ...body, blocks: found ? blocks : [...blocks, { type: 'text', doc }] };
}

/** Whether a document has nothing to read. */
export function isEmptyDoc(doc: DocNode): boolean {
  if (doc.type === 'horizontalRule') return false;
  if (doc.text?.trim()) return false;
  return (doc.content ?? []).every(isEmptyDoc);
}

/** What is sent: texts without words and the HTML that only the server makes are left out. */
export function forServer(body: LessonBody): LessonBody {
  return {
    v: 1,
    blocks: body.blocks.flatMap((block): LessonBody['blocks'] => {
      if (block.type === 'video') return [block];
      return isEmptyDoc(block.doc) ? [] : [{ type: 'text', doc: block.doc }];
    }),
  };
}

/** The words of a body, a line a paragraph: for comparing two of them by eye. */
export function wordsOf(body: LessonBody | null): string {
  const lines = (node: DocNode): string[] => {
    const content = node.content ?? [];
    if (content.some((child) => child.text !== undefined)) return [content.map((child) => child.text ?? ' ').join('')];
    return content.flatMap(lines);
  };
  return (body?.blocks ?? []).flatMap((block) => (block.type === 'text' ? lines(block.doc) : [])).join('\n');
}

export function videoOf(body: LessonBody | null | undefined): string | null {
  return body?.blocks.find((block): block is VideoBlock => block.type === 'video')?.asset ?? null;
}
