-- Servers of before have the table already: the package brought it.
CREATE TABLE IF NOT EXISTS "items" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"price" double precision NOT NULL,
	CONSTRAINT "items_name_unique" UNIQUE("name")
);
