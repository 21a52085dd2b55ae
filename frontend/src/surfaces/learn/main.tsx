import './learn.css';
import { start } from '@/app/start';
import { SessionDialog } from '@/features/auth/session-dialog';
import { startReports } from '@/features/player/reports';
import { makeQueryClient } from '@/lib/query';
import { router } from './routes';

start(router, makeQueryClient(), <SessionDialog />);
// What a closed tab or a dead network left unsaid last time is said now.
void startReports();
