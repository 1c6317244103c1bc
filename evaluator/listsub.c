/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the text a list, in definition order; a later list can hit what an earlier
 * one put in.  So that a thousand lists do not mean a thousand passes, the words of the
 * text are looked up first: only lists whose name is one of them (or is not a single word)
 * get their pass.  The words of what is put in are looked up likewise.
 */
#include <errno.h>

#include "listsub.h"

enum { WORD_BITS = 64 };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_delimiter(char c)
{
	return is_blank(c) || c == '(' || c == ')' || c == ',' || c == '=';
}

static bool
is_one_word(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (is_delimiter(name.ptr[i]))
			return false;
	return true;
}

static void
bit_set(uint64_t *bits, uint32_t at)
{
	bits[at / WORD_BITS] |= UINT64_C(1) << at % WORD_BITS;
}

int
listsub_init(struct listsub *sub, struct arena *arena, struct rule_list *lists, uint32_t list_count,
    uint64_t hash_key)
{
	const size_t words = list_count / WORD_BITS + 1;

	*sub = (struct listsub){
		.lists = lists,
		.list_count = list_count,
		.arena = arena,
		.other = SRCBUILD_NONE,
	};
	names_init(&sub->words, arena, hash_key);
	sub->texts = arena_array(arena, list_count, sizeof(*sub->texts));
	sub->wanted = arena_array(arena, words, sizeof(*sub->wanted));
	sub->always = arena_array(arena, words, sizeof(*sub->always));
	if (sub->texts == NULL || sub->wanted == NULL || sub->always == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < list_count; i++) {
		if (!is_one_word(lists[i].name))
			bit_set(sub->always, i);
		else if (names_set(&sub->words, lists[i].name, i) < 0)
			return -ENOMEM;
	}
	return 0;
}

void
listsub_fini(struct listsub *sub)
{
	srcbuild_fini(&sub->other);
}

/* Want each list that a word of TEXT names. */
static void
want_words(struct listsub *sub, struct span text)
{
	size_t start = 0;

	for (size_t i = 0; i <= text.len; i++) {
		uint32_t at;

		if (i < text.len && !is_delimiter(text.ptr[i]))
			continue;
		if (i > start) {
			at = names_find(&sub->words, (struct span){ text.ptr + start, i - start });
			if (at != NAMES_NONE)
				bit_set(sub->wanted, at);
		}
		start = i + 1;
	}
}

/* The first wanted list from number AT on, or list_count. */
static uint32_t
next_wanted(const struct listsub *sub, uint32_t at)
{
	while (at < sub->list_count) {
		uint64_t bits = sub->wanted[at / WORD_BITS] >> at % WORD_BITS;

		if (bits != 0)
			return at + (uint32_t)__builtin_ctzll(bits);
		at += WORD_BITS - at % WORD_BITS;
	}
	return sub->list_count;
}

/* Does a value need double quotes of its own? */
static bool
needs_quotes(struct span value)
{
	return value.len > 0 && value.ptr[0] != '"' && value.ptr[0] != '\'' &&
	    memchr(value.ptr, ' ', value.len) != NULL;
}

/* The values of LIST as text: joined by `, `. */
static int
join_values(struct listsub *sub, const struct rule_list *list, struct span *joined)
{
	struct text text;
	size_t len = 1;
	char *buffer;

	for (uint32_t i = 0; i < list->value_count; i++)
		len += list->values[i].len + 4;
	if ((buffer = arena_alloc(sub->arena, len)) == NULL)
		return -ENOMEM;
	text_init(&text, buffer, len);
	for (uint32_t i = 0; i < list->value_count; i++) {
		const char *quote = needs_quotes(list->values[i]) ? "\"" : "";

		text_string(&text, i > 0 ? ", " : "");
		text_string(&text, quote);
		text_bytes(&text, list->values[i].ptr, list->values[i].len);
		text_string(&text, quote);
	}
	*joined = (struct span){ buffer, text.len };
	return 0;
}

/* The offset of NAME in TEXT from START on, set apart on both sides; or text.len. */
static size_t
find_name(struct span text, struct span name, size_t start)
{
	while (start < text.len) {
		const char *hit = memmem(text.ptr + start, text.len - start, name.ptr, name.len);
		size_t at = hit ? (size_t)(hit - text.ptr) : text.len;
		size_t end = at + name.len;

		if (hit == NULL)
			break;
		if ((at == 0 || is_delimiter(text.ptr[at - 1])) &&
		    (end == text.len || is_delimiter(text.ptr[end])))
			return at;
		start = at + 1;
	}
	return text.len;
}

/*
 * Append VALUES to OUT in place of what is at AT of FROM, up to END.  Blanks before it are
 * gone, those behind it are skipped; an empty list takes a comma with it.  Returns where to
 * go on in FROM.
 */
static size_t
put_in(struct srcbuild *out, const struct srctext *from, size_t at, size_t end, struct span values)
{
	const struct span text = from->text;
	size_t len = out->len;

	while (len > 0 && is_blank(out->bytes[len - 1]))
		len--;
	while (end < text.len && is_blank(text.ptr[end]))
		end++;
	if (values.len == 0 && len > 0 && out->bytes[len - 1] == ',')
		len--;
	else if (values.len == 0 && end < text.len && text.ptr[end] == ',')
		end++;
	srcbuild_cut(out, len);
	if (len > 0)
		srcbuild_instead(out, SPAN_OF(" "), from, at);
	srcbuild_instead(out, values, from, at);
	srcbuild_instead(out, SPAN_OF(" "), from, at);
	return end;
}

/* Replace the name of list number AT in TEXT, which is left alone when there is none. */
static void
apply_list(struct listsub *sub, uint32_t at, struct srcbuild *text)
{
	struct rule_list *list = &sub->lists[at];
	const struct srctext from = srcbuild_view(text);
	struct srcbuild former = *text;
	size_t hit = find_name(from.text, list->name, 0);
	size_t copied = 0;

	if (hit == from.text.len)
		return;
	if (sub->texts[at].ptr == NULL && join_values(sub, list, &sub->texts[at]) < 0) {
		text->err = -ENOMEM;
		return;
	}
	srcbuild_clear(&sub->other);
	while (hit < from.text.len && sub->other.err == 0) {
		srcbuild_slice(&sub->other, &from, copied, hit - copied);
		copied = put_in(&sub->other, &from, hit, hit + list->name.len, sub->texts[at]);
		hit = find_name(from.text, list->name, copied);
	}
	srcbuild_slice(&sub->other, &from, copied, from.text.len - copied);
	list->used = true;
	want_words(sub, sub->texts[at]);
	*text = sub->other;
	sub->other = former;
}

void
listsub_apply(struct listsub *sub, struct srcbuild *text)
{
	const size_t words = sub->list_count / WORD_BITS + 1;
	uint32_t at;

	memcpy(sub->wanted, sub->always, words * sizeof(*sub->wanted));
	want_words(sub, (struct span){ text->bytes, text->len });
	at = next_wanted(sub, 0);
	while (at < sub->list_count && text->err == 0) {
		apply_list(sub, at, text);
		at = next_wanted(sub, at + 1);
	}
}
