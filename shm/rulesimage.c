/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an image of rule files.  See rulesimage.h. */
#include "rulesimage.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int
rules_image_open(struct rules_image *image, int fd)
{
	struct stat st;
	void *at;

	*image = (struct rules_image){ NULL, 0 };
	/* Of the C library's own fstat() some make a call that takes paths: no jail has that. */
	if (syscall(SYS_fstat, fd, &st) < 0)
		return -errno;
	if (st.st_size < 0 || (uint64_t)st.st_size > RULES_IMAGE_BYTES_MAX +
	    RULES_IMAGE_FILES_MAX * sizeof(struct rules_image_entry))
		return -EBADMSG;
	if (st.st_size == 0)
		return 0;
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	*image = (struct rules_image){ at, (size_t)st.st_size };
	return 0;
}

int
rules_image_next(const struct rules_image *image, size_t *at, struct rules_image_entry *entry,
    char **bytes)
{
	size_t left = image->size - *at;

	if (left == 0)
		return 0;
	if (left < sizeof(*entry))
		return -EBADMSG;
	memcpy(entry, image->bytes + *at, sizeof(*entry));
	left -= sizeof(*entry);
	if (entry->len > left || memchr(entry->name, '\0', sizeof(entry->name)) == NULL)
		return -EBADMSG;
	*bytes = image->bytes + *at + sizeof(*entry);
	*at += sizeof(*entry) + (size_t)entry->len;
	return 1;
}

void
rules_image_close(struct rules_image *image)
{
	if (image->bytes != NULL)
		(void)munmap(image->bytes, image->size);
	*image = (struct rules_image){ NULL, 0 };
}
