import { i18n, type MessageDescriptor } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';

/**
 * English lives in the source: the macros leave each message beside its id, so a page can never show an id because an
 * extraction was forgotten. Compiled on first use, then kept; a message without placeholders needs no compiling.
 */
const compiled = new Map<string, ReturnType<typeof compileMessage>>();

i18n.setMessagesCompiler((message) => {
  let known = compiled.get(message);
  if (!known) {
    known = /[{}'#<]/.test(message) ? compileMessage(message) : [message];
    compiled.set(message, known);
  }
  return known;
});
i18n.load('en', {});
i18n.activate('en');

export { i18n };
export type { MessageDescriptor };
