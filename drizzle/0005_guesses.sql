CREATE TABLE "guesses" (
	"key" text PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"user_id" uuid,
	"run" uuid DEFAULT gen_random_uuid() NOT NULL,
	"failures" integer NOT NULL,
	"steps" integer NOT NULL,
	"window_ends_at" timestamp (3) with time zone,
	"blocked_until" timestamp (3) with time zone,
	"last_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "known_networks" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "known_networks_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" uuid NOT NULL,
	"network" text NOT NULL,
	"entered_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "known_networks_user_id_network_unique" UNIQUE("user_id","network")
);
--> statement-breakpoint
ALTER TABLE "known_networks" ADD CONSTRAINT "known_networks_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "guesses_account_index" ON "guesses" USING btree ("account");--> statement-breakpoint
CREATE INDEX "guesses_last_at_index" ON "guesses" USING btree ("last_at");--> statement-breakpoint
CREATE INDEX "known_networks_entered_at_index" ON "known_networks" USING btree ("entered_at");