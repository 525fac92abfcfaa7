// The three derivatives by libvips, one thread, no cache, in one process. Prints
// what child.go prints. Built by peers.go where a compiler and libvips are.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <vips/vips.h>

static double cpu(void) {
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return 1e3 * (u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static double wall(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e3 * t.tv_sec + t.tv_nsec / 1e6;
}

// VmHWM, since ru_maxrss holds that of the parent from before the exec.
static double peak(void) {
	char line[256];
	double kb = 0;
	FILE *status = fopen("/proc/self/status", "r");
	while (status && fgets(line, sizeof line, status))
		sscanf(line, "VmHWM: %lf", &kb);
	if (status)
		fclose(status);
	return kb / 1024;
}

static void check(int failed) {
	if (failed)
		vips_error_exit(NULL);
}

static void save(VipsImage *image, const char *dir, const char *name) {
	char path[4096];
	void *data;
	size_t size;
	check(vips_jpegsave_buffer(image, &data, &size, "Q", 80, "strip", TRUE, NULL));
	snprintf(path, sizeof path, "%s/%s.jpg", dir, name);
	FILE *file = fopen(path, "wb");
	check(!file || fwrite(data, 1, size, file) != size || fclose(file));
	g_free(data);
	g_object_unref(image);
}

int main(int argc, char **argv) {
	if (argc != 4 || VIPS_INIT(argv[0]))
		return 2;
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	const int any = 10000000;
	double idle = peak();
	printf("{\"runs\":[");
	for (int run = 0; run < atoi(argv[3]); run++) {
		double c = cpu(), w = wall();
		VipsImage *lazy, *preview, *card, *square;
		check(vips_thumbnail(argv[1], &lazy, 1600, "height", any, NULL));
		preview = vips_image_new_memory();
		check(vips_image_write(lazy, preview));
		g_object_unref(lazy);
		check(vips_thumbnail_image(preview, &card, 480, "height", any, NULL));
		check(vips_thumbnail_image(preview, &square, 160, "height", 160, "crop", VIPS_INTERESTING_CENTRE, NULL));
		save(card, argv[2], "480x0");
		save(square, argv[2], "160x160");
		save(preview, argv[2], "1600x0");
		printf("%s{\"cpu\":%.3f,\"wall\":%.3f}", run ? "," : "", cpu() - c, wall() - w);
	}
	printf("],\"idle\":%.1f,\"peak\":%.1f}\n", idle, peak());
	return 0;
}
