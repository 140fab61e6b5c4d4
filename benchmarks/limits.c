/* The practical limit: each work as one would write it by hand in C, for gcc -O3 -march=native -ffast-math. */
#include <math.h>
#include <string.h>

/* W2: a training step of a 2-16-16-1 network with relu, hinge loss and L2, in place; each neuron's weights, then its bias. */
double w2(long rows, double *p, const double *xs, const double *labels, double rate, double penalty) {
    double g[337], loss = 0;
    memset(g, 0, sizeof g);
    for (long r = 0; r < rows; r++) {
        double h1[16], h2[16], d1[16], d2[16];
        const double *x = xs + 2 * r, *last = p + 320;
        for (int j = 0; j < 16; j++) {
            const double *w = p + 3 * j;
            double z = w[2] + w[0] * x[0] + w[1] * x[1];
            h1[j] = z > 0 ? z : 0;
        }
        for (int j = 0; j < 16; j++) {
            const double *w = p + 48 + 17 * j;
            double z = w[16];
            for (int i = 0; i < 16; i++) z += w[i] * h1[i];
            h2[j] = z > 0 ? z : 0;
        }
        double score = last[16];
        for (int i = 0; i < 16; i++) score += last[i] * h2[i];
        double margin = 1 - labels[r] * score, d = margin > 0 ? -labels[r] : 0;
        loss += margin > 0 ? margin : 0;
        for (int i = 0; i < 16; i++) {
            g[320 + i] += d * h2[i];
            d2[i] = h2[i] > 0 ? d * last[i] : 0;
            d1[i] = 0;
        }
        g[336] += d;
        for (int j = 0; j < 16; j++) {
            const double *w = p + 48 + 17 * j;
            double *gw = g + 48 + 17 * j;
            for (int i = 0; i < 16; i++) {
                gw[i] += d2[j] * h1[i];
                d1[i] += d2[j] * w[i];
            }
            gw[16] += d2[j];
        }
        for (int j = 0; j < 16; j++) {
            double e = h1[j] > 0 ? d1[j] : 0;
            g[3 * j] += e * x[0];
            g[3 * j + 1] += e * x[1];
            g[3 * j + 2] += e;
        }
    }
    loss /= rows;
    for (int i = 0; i < 337; i++) {
        loss += penalty * p[i] * p[i];
        p[i] -= rate * (g[i] / rows + 2 * penalty * p[i]);
    }
    return loss;
}

/* W3: mean logistic loss of labels -1 and +1 and its gradient by ten weights. */
double w3(long rows, const double *w, const double *xs, const double *labels, double *g) {
    double loss = 0, sums[10] = {0};
    for (long r = 0; r < rows; r++) {
        const double *x = xs + 10 * r;
        double z = 0;
        for (int j = 0; j < 10; j++) z += w[j] * x[j];
        double m = -labels[r] * z, e = exp(-fabs(m));
        double d = -labels[r] * (m >= 0 ? 1 : e) / (1 + e);
        loss += (m > 0 ? m : 0) + log1p(e);
        for (int j = 0; j < 10; j++) sums[j] += d * x[j];
    }
    for (int j = 0; j < 10; j++) g[j] = sums[j] / rows;
    return loss / rows;
}

/* W4: the gradient of (a b sin c + exp(a b)) / c. */
void w4(long rows, const double *a, const double *b, const double *c, double *ga, double *gb, double *gc) {
    for (long r = 0; r < rows; r++) {
        double p = a[r] * b[r], s = sin(c[r]), e = exp(p), inverse = 1 / c[r], both = (s + e) * inverse;
        ga[r] = b[r] * both;
        gb[r] = a[r] * both;
        gc[r] = (p * cos(c[r]) - (p * s + e) * inverse) * inverse;
    }
}
