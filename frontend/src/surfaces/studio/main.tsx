import { start } from '@/app/start';
import { SessionDialog } from '@/features/auth/session-dialog';
import { makeQueryClient } from '@/lib/query';
import { router } from './routes';

start(router, makeQueryClient(), <SessionDialog />);
