import { createContext, useContext, type ReactNode } from 'react';
import type { Asset, Draft } from './api';
import type { LessonBody } from './body';
import type { DraftNode, NodeKind, Place } from './model';
import type { Patch, SaveQueue } from './save-queue';

/** An upload of this page, as far as a lesson shows it. */
export interface UploadView {
  assetId: string | null;
  sentBytes: number;
  sizeBytes: number;
  stage: string;
  failure: { title: string; detail: string } | null;
}

/** What the builder needs of other parts of the studio, given by the screen. */
export interface Outside {
  uploads: readonly UploadView[];
  /** Begins to send a file; answers with the id of its film as soon as the server has given it one. */
  onUpload: (file: File) => Promise<string>;
  /** Makes a failed film be worked on again. */
  onRetry: (asset: string) => Promise<unknown>;
  /** The captions of a film, over the page. */
  captions: (asset: Asset, onClose: () => void) => ReactNode;
  /** The film as learners see it, over the page. */
  preview?: (asset: Asset, onClose: () => void) => ReactNode;
}

export interface Builder {
  course: string;
  draft: Draft;
  /** The outline with what is not saved yet laid over it. */
  nodes: readonly DraftNode[];
  mayEdit: boolean;
  queue: SaveQueue;
  outside: Outside;
  /** Length of each film that is known, by its id, in milliseconds. */
  lengths: ReadonlyMap<string, number>;
  /** Items that differ from what learners see. */
  changed: ReadonlySet<string>;
  /** The open lesson. */
  selected: string | null;
  /** The row whose title is being typed. */
  renaming: string | null;
  setRenaming: (item: string | null) => void;
  open: (item: string | null) => void;
  edit: (item: string, patch: Patch) => void;
  /** Changes the body of a lesson, open or not. */
  editBody: (item: string, change: (body: LessonBody) => LessonBody) => Promise<void>;
  add: (kind: NodeKind, place: Place, title: string) => Promise<string | null>;
  move: (item: string, place: Place) => void;
  remove: (node: DraftNode) => void;
}

export const BuilderContext = createContext<Builder | null>(null);

export function useBuilder(): Builder {
  const builder = useContext(BuilderContext);
  if (!builder) throw new Error('Only inside the builder.');
  return builder;
}
