// What every peer of `./bench vectors-peers` does around its own build and search: a few lines of text on standard input and output (Benchmarks/Peers/README.md).
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace peer {

struct Rows {
    size_t count = 0;
    int dimensions = 0;
    std::vector<float> values;

    const float* row(size_t i) const { return values.data() + i * dimensions; }
};

inline Rows read_fvecs(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error("cannot read " + path);
    size_t bytes = file.tellg();
    file.seekg(0);
    Rows rows;
    int32_t dimensions = 0;
    file.read(reinterpret_cast<char*>(&dimensions), 4);
    rows.dimensions = dimensions;
    rows.count = bytes / (4 + 4 * static_cast<size_t>(dimensions));
    rows.values.resize(rows.count * dimensions);
    for (size_t i = 0; i < rows.count; i++) {
        if (i > 0) file.seekg(4, std::ios::cur);
        file.read(reinterpret_cast<char*>(rows.values.data() + i * dimensions), 4 * static_cast<std::streamsize>(dimensions));
    }
    return rows;
}

// Calls work(i) for every i, on so many threads.
inline void parallel(size_t count, int threads, const std::function<void(size_t)>& work) {
    std::atomic<size_t> next{0};
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; t++)
        workers.emplace_back([&] { for (size_t i; (i = next++) < count;) work(i); });
    for (auto& worker : workers) worker.join();
}

struct Clock {
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
    std::clock_t cpu = std::clock();

    std::string seconds() const {
        std::ostringstream text;
        text << std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count() << ' ' << static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
        return text.str();
    }
};

class Index {
public:
    virtual ~Index() = default;

    // Efforts to try, from quick to thorough; their meaning is the index's own.
    virtual std::vector<std::string> efforts() const = 0;

    // Builds over the rows; returns the bytes that it takes, vectors included.
    virtual size_t build(const Rows& rows, bool inner_product, int threads) = 0;
    virtual void set_effort(const std::string& effort) = 0;

    // The numbers of the k nearest rows.
    virtual void search(const float* query, int k, int32_t* ids) = 0;
};

inline int serve(const std::string& name, Index& index) {
    std::cout << "peer " << name << std::endl;
    Rows rows, queries;
    std::string line, word;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        words >> word;
        if (word == "build") {
            std::string base, query, metric;
            int threads;
            words >> base >> query >> metric >> threads;
            rows = read_fvecs(base);
            queries = read_fvecs(query);
            Clock clock;
            size_t bytes = index.build(rows, metric != "l2", threads);
            std::cout << "built " << clock.seconds() << ' ' << bytes;
            for (auto& effort : index.efforts()) std::cout << ' ' << effort;
            std::cout << std::endl;
        } else if (word == "search") {
            std::string effort, out;
            int k, threads;
            size_t total;
            words >> effort >> k >> threads >> total >> out;
            index.set_effort(effort);
            std::vector<int32_t> ids(queries.count * k, -1);
            Clock clock;
            std::vector<std::thread> workers;
            for (int t = 0; t < threads; t++)
                workers.emplace_back([&, t] {
                    for (size_t i = t; i < total; i += threads) {
                        size_t query = i % queries.count;
                        index.search(queries.row(query), k, ids.data() + query * k);
                    }
                });
            for (auto& worker : workers) worker.join();
            std::string seconds = clock.seconds();
            std::ofstream(out, std::ios::binary).write(reinterpret_cast<char*>(ids.data()), static_cast<std::streamsize>(ids.size() * 4));
            std::cout << "searched " << seconds << std::endl;
        } else if (word == "quit") {
            break;
        }
    }
    return 0;
}

}  // namespace peer
