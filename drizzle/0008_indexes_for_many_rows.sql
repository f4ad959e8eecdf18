CREATE INDEX "api_tokens_expires_at_index" ON "api_tokens" USING btree ("expires_at") WHERE expires_at is not null;--> statement-breakpoint
CREATE INDEX "rate_limits_expire_index" ON "rate_limits" USING btree ("expire");--> statement-breakpoint
CREATE INDEX "users_admins_index" ON "users" USING btree ("id") WHERE is_admin;