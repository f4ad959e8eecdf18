import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The page and the API have one origin, here as behind a proxy in production.
const proxy = { '/graphql': process.env['API'] ?? 'http://localhost:4000' };

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
});
