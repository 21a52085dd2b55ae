import '@/theme/own-surfaces.css';
import { start } from '@/app/start';
import { makeQueryClient } from '@/lib/query';
import { router } from './routes';

start(router, makeQueryClient());
