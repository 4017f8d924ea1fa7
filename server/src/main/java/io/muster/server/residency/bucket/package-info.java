/**
 * How buckets are looked into: a few signed GET requests, no SDK. Only names, sizes and times of objects are asked for.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html">ListObjectsV2</a>
 * @see <a href="https://learn.microsoft.com/rest/api/storageservices/list-blobs">List Blobs</a>
 */
@NullMarked
package io.muster.server.residency.bucket;

import org.jspecify.annotations.NullMarked;
